import { expect, it } from 'vitest';
import { evaluate, float32, hostTensor, input, type HostTensor } from '../graph/index.ts';
import { adan, adanStep, ema, Random } from './index.ts';

const SHAPES = { coarse: [3, 4], fine: [50] };
const KEYS = ['m', 'v', 's', 'n'] as const;
type Name = keyof typeof SHAPES;
const NAMES = Object.keys(SHAPES) as Name[];

const byName = <T>(f: (name: Name) => T) => Object.fromEntries(NAMES.map((name) => [name, f(name)]));
const size = (name: Name) => SHAPES[name].reduce((a, b) => a * b, 1);
const empty = () => ({ x: new Float32Array(1) });

function expectClose(found: Float32Array, wanted: HostTensor): void {
  float32(wanted).forEach((x, i) => expect(Math.abs(found[i] - x)).toBeLessThan(2e-6 * (1 + Math.abs(x))));
}

it('five steps on arrays are five steps of the graph, clipped and averaged', async () => {
  const random = new Random(1);
  const params = byName((name) => random.normals(size(name)));
  const zeros = () => byName((name) => new Float32Array(size(name)));
  const arrays = {
    params: byName((name) => params[name].slice()),
    m: zeros(),
    v: zeros(),
    s: zeros(),
    n: zeros(),
    average: byName((name) => params[name].slice()),
  };
  const lr = { coarse: 0.1, fine: 0.02 };
  const leaves = (prefix: string) => byName((name) => input(prefix + name, SHAPES[name]));
  const state = {
    m: leaves('m.'),
    v: leaves('v.'),
    s: leaves('s.'),
    n: leaves('n.'),
    step: input('step', []),
  };
  const next = adan(leaves('p.'), leaves('g.'), state, { lr });
  const average = ema(leaves('a.'), next.params, 0.8);
  const outputs = {
    'next.step': next.state.step,
    ...Object.fromEntries(
      NAMES.flatMap((name) => [
        [`next.p.${name}`, next.params[name]],
        [`next.a.${name}`, average[name]],
        ...KEYS.map((key) => [`next.${key}.${name}`, next.state[key][name]] as const),
      ]),
    ),
  };
  let feeds: Record<string, HostTensor> = { step: hostTensor(Float32Array.of(0), []) };
  for (const name of NAMES) {
    for (const prefix of ['p', 'a'])
      feeds[`${prefix}.${name}`] = hostTensor(params[name].slice(), SHAPES[name]);
    for (const key of KEYS) feeds[`${key}.${name}`] = hostTensor(new Float32Array(size(name)), SHAPES[name]);
  }
  for (let step = 0; step < 5; step++) {
    // The later ones longer than the limit of 5.
    const grads = byName((name) => random.normals(size(name)).map((x) => x * (step < 2 ? 0.1 : 3)));
    const given = Object.fromEntries(
      NAMES.map((name) => [`g.${name}`, hostTensor(grads[name], SHAPES[name])]),
    );
    const found = Object.entries(await evaluate(outputs, { ...feeds, ...given }));
    feeds = Object.fromEntries(found.map(([name, tensor]) => [name.slice('next.'.length), tensor]));
    adanStep(arrays, grads, { lr, step, averageDecay: 0.8 });
  }
  for (const name of NAMES) {
    expectClose(arrays.params[name], feeds[`p.${name}`]);
    expectClose(arrays.average[name], feeds[`a.${name}`]);
    for (const key of KEYS) expectClose(arrays[key][name], feeds[`${key}.${name}`]);
  }
});

it('says which parameter has no gradient', () => {
  const arrays = { params: empty(), m: empty(), v: empty(), s: empty(), n: empty(), average: empty() };
  expect(() => adanStep(arrays, {}, { lr: { x: 1 }, step: 0, averageDecay: 0 })).toThrow(/gradient.*'x'/);
});
