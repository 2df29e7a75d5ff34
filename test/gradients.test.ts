import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  constant,
  evaluate,
  float32,
  gradients,
  importModel,
  type HostTensor,
  type Value,
} from '../gpu-functions/graph/index.ts';
import { readNpz } from '../gpu-functions/weights/npz.ts';

/** Networks exported by PyTorch with autograd's gradients, where there are any. */
const folder = join(
  process.env.PARITY_DIR ?? resolve(import.meta.dirname, '../../shared/parity'),
  'gradients',
);
const networks = existsSync(folder) ? readdirSync(folder) : [];

const magnitude = (t: HostTensor): number => float32(t).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

/** Largest difference, relative to the largest magnitude wanted, or to `floor` where that is larger. */
function difference(found: HostTensor, wanted: HostTensor, floor: number): number {
  expect(found.shape).toEqual(wanted.shape);
  const [a, b] = [float32(found), float32(wanted)];
  return a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0) / Math.max(magnitude(wanted), floor);
}

describe.skipIf(networks.length === 0)('imported networks', () => {
  it.each(networks)('%s gives the outputs and gradients of autograd', async (name) => {
    const fixture = readNpz(readFileSync(join(folder, name, 'fixture.npz')));
    const named = (prefix: string): [string, HostTensor][] =>
      [...fixture].filter(([key]) => key.startsWith(prefix)).map(([key, t]) => [key.slice(prefix.length), t]);
    const model = importModel(readFileSync(join(folder, name, 'model.onnx')));
    const seeds = named('seed.').map(([key, t]) => [model.outputs[key], constant(t)] as const);
    const wrt: [string, Value][] = [
      ...named('grad.in.').map(([key]): [string, Value] => [`grad.in.${key}`, model.inputs[key]]),
      ...named('grad.param.').map(([key]): [string, Value] => [`grad.param.${key}`, model.initializers[key]]),
    ];
    const slopes = gradients(
      seeds.map(([y]) => y),
      wrt.map(([, v]) => v),
      seeds.map(([, g]) => g),
    );
    const outputs = Object.fromEntries(Object.entries(model.outputs).map(([key, v]) => [`out.${key}`, v]));
    for (const [i, [key]] of wrt.entries()) outputs[key] = slopes[i];
    const results = await evaluate(outputs, Object.fromEntries(named('in.')));
    expect(wrt.length).toBeGreaterThan(0);
    // Some gradients are zero but for rounding, like that of an attention's key bias: those are measured against the others.
    const floor = 1e-3 * Math.max(...wrt.map(([key]) => magnitude(fixture.get(key)!)));
    for (const [key, found] of Object.entries(results)) {
      expect(difference(found, fixture.get(key)!, floor), key).toBeLessThan(1e-4);
    }
  });
});
