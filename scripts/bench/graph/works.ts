import {
  compile,
  conv2d,
  gradients,
  hostTensor,
  input,
  loop,
  matmul,
  openSession,
  sizeOf,
  sum,
  type HostTensor,
  type Model,
  type Session,
  type Shape,
  type Value,
} from '../../../gpu-functions/graph/index.ts';
import { adam, adamState, adan, adanState } from '../../../gpu-functions/nn/index.ts';
import type { Work } from '../measure.ts';

/** Numbers in [−1, 1) that look random enough for a measurement, in memory that workers share. */
export function noise(shape: Shape, scale = 1): HostTensor {
  const size = sizeOf(shape);
  const data = new Float32Array(new SharedArrayBuffer(4 * size));
  let state = 12345;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = (scale * state) / 2 ** 31;
  }
  return hostTensor(data, shape);
}

/** Random feeds for a model's float inputs that have none. */
export function noiseFeeds(model: Model, given: Record<string, HostTensor> = {}): Record<string, HostTensor> {
  return Object.fromEntries(model.inputs.map(({ name, shape }) => [name, given[name] ?? noise(shape, 0.1)]));
}

/** A work that runs a graph on random numbers in this thread. */
export async function graphWork(
  name: string,
  outputs: Record<string, Value>,
  threads: number,
): Promise<Work & { session: Session }> {
  const model = compile(outputs, { name });
  const session = await openSession(model, { inline: true, threads });
  const feeds = noiseFeeds(model);
  return { name, session, run: () => session.run(feeds) };
}

/** A product of two matrices of 1024²: what a machine can do while it is measured, whatever else it does. */
export function yardstick(threads: number): Promise<Work & { session: Session }> {
  return graphWork(
    'yardstick',
    { y: sum(matmul(input('a', [1024, 1024]), input('b', [1024, 1024]))) },
    threads,
  );
}

/** 3×3 convolution with padding 1 of 4 images, or one of its gradients; the result stays in the graph. */
export function convolution(
  kind: 'fwd' | 'dx' | 'dw',
  channels: number,
  side: number,
): Record<string, Value> {
  const x = input('x', [4, channels, side, side]);
  const w = input('w', [channels, channels, 3, 3]);
  const y = conv2d(x, w, { padding: 1 });
  if (kind === 'fwd') return { y };
  return { y: gradients([y], [kind === 'dx' ? x : w], [input('g', y.shape)])[0] };
}

type Values = Record<string, Value>;

/** The tensors of an optimiser's state, by family and name, as a loop carries them. */
function flat(families: Readonly<Record<string, Values>>): Values {
  return Object.fromEntries(
    Object.entries(families).flatMap(([key, values]) =>
      Object.entries(values).map(([name, value]) => [`${key}.${name}`, value] as const),
    ),
  );
}

/** `steps` steps of an optimiser inside one loop, the parameters in tensors of the released tri-grid's levels. */
export function optimiser(kind: 'adam' | 'adan', sides: readonly number[], steps: number): Values {
  const params: Values = {};
  const grads: Values = {};
  for (const side of sides) {
    params[`p${side}`] = input(`p${side}`, [108 * side * side]);
    grads[`p${side}`] = input(`g${side}`, [108 * side * side]);
  }
  const moments = kind === 'adam' ? ['m', 'v'] : ['m', 'v', 's', 'n'];
  const { step: first, ...zeros } = kind === 'adam' ? adamState(params) : adanState(params);
  const start = { ...flat({ params, ...zeros }), step: first };
  const { state } = loop(steps, start, (carried: Values) => {
    const family = (key: string): Values =>
      Object.fromEntries(Object.keys(params).map((name) => [name, carried[`${key}.${name}`]]));
    const before = {
      ...Object.fromEntries(moments.map((key) => [key, family(key)])),
      step: carried['step'],
    } as never;
    const apply: typeof adan = kind === 'adam' ? (adam as never) : adan;
    const { params: moved, state: after } = apply(family('params'), grads, before, { lr: 1e-3 });
    const { step, ...rest } = after;
    return { state: { ...flat({ params: moved, ...rest }), step }, outputs: {} };
  });
  // Numbers only, so that no copy to the host is measured.
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith('params.'))
      .map(([name, value]) => [name, sum(value)]),
  );
}
