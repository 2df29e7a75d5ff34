import { compile } from './compile.ts';
import { gradients } from './gradient.ts';
import { add, cast, mul } from './ops/elementwise.ts';
import { sum } from './ops/reduce.ts';
import { openSession } from './session.ts';
import { hostTensor, sizeOf, typedArray, type DType, type HostTensor, type Shape } from './tensor.ts';
import { constant, input, type Value } from './value.ts';

export interface DifferenceOptions {
  readonly dtype?: DType;
  /** Half the distance of the two points of a central difference. */
  readonly step?: number;
  /** Four points allow wide steps, and so more digits in single precision; two stay nearer to where the derivative is wanted. */
  readonly points?: 2 | 4;
  /** Starting values, from place and argument; the default spreads over ±1 without repeats. */
  readonly at?: (i: number, argument: number) => number;
  /** How many elements of an argument are moved; they are taken evenly from all of them. */
  readonly samples?: number;
  /** Which derivative is checked: the first, or that of the first one's gradient. */
  readonly order?: 1 | 2;
}

/** Numbers without pattern in ±1, never the same twice. */
const scattered = (i: number, argument: number): number =>
  Math.sin(12.9898 * (i + 1) + 78.233 * (argument + 1));

/**
 * The largest difference between a function's symbolic derivative and its central finite differences, relative to the largest derivative.
 * The function's outputs are weighed with fixed numbers and summed. For tests of gradient rules.
 */
export async function gradientError(
  f: (...args: Value[]) => Value | Value[],
  shapes: readonly Shape[],
  options: DifferenceOptions = {},
): Promise<number> {
  const { dtype = 'float64', step = 1e-5, points = 2, at = scattered, samples = 24, order = 1 } = options;
  const args = shapes.map((shape, i) => input(`x${i}`, shape, dtype));
  const weigh = (values: Value[]): Value =>
    values
      .map((v, k) => {
        const weights = Array.from({ length: sizeOf(v.shape) }, (_, i) => scattered(i, 7 + k));
        return sum(mul(v, constant(hostTensor(typedArray(weights, v.dtype), v.shape, v.dtype))));
      })
      .reduce((a, b) => add(a, b));
  const first = weigh([f(...args)].flat());
  const scalar = order === 1 ? first : weigh(gradients([first], args));
  const slopes = gradients([scalar], args);
  const outputs = Object.fromEntries(slopes.map((g, i) => [`g${i}`, g]));
  const session = await openSession(compile({ y: cast(scalar, 'float64'), ...outputs }), {
    inline: true,
    optimisation: 'disabled',
  });
  const point = shapes.map((shape, k) => Array.from({ length: sizeOf(shape) }, (_, i) => at(i, k)));
  const feeds = (): Record<string, HostTensor> =>
    Object.fromEntries(point.map((p, k) => [`x${k}`, hostTensor(typedArray(p, dtype), shapes[k], dtype)]));
  const used = new Set(session.inputs.map((p) => p.name));
  const run = async (fetches?: string[]): Promise<Record<string, HostTensor>> =>
    session.run(Object.fromEntries(Object.entries(feeds()).filter(([name]) => used.has(name))), fetches);
  const value = async (): Promise<number> => Number((await run(['y'])).y.data[0]);

  const exact = await run();
  let [worst, largest] = [0, 0];
  for (const [k, p] of point.entries()) {
    for (let i = 0; i < p.length; i += Math.ceil(p.length / samples)) {
      const x = p[i];
      const slope = async (reach: number): Promise<number> => {
        p[i] = x + reach;
        const above = await value();
        p[i] = x - reach;
        return (above - (await value())) / (2 * reach);
      };
      const near = await slope(step);
      const difference = points === 2 ? near : (4 * near - (await slope(2 * step))) / 3;
      p[i] = x;
      worst = Math.max(worst, Math.abs(difference - Number(exact[`g${k}`].data[i])));
      largest = Math.max(largest, Math.abs(difference));
    }
  }
  await session.close();
  return largest === 0 ? worst : worst / largest;
}
