import { add, constant, div, minimum, mul, neg, sqrt, square, sub, Value, type Arg } from '../graph/index.ts';
import { clipByGlobalNorm } from './clip.ts';
import { biasCorrection, gradientOf, mapValues, zerosOf, type LearningRate, type Values } from './values.ts';

/**
 * By parameter: moments of the gradient (m), of its difference (v) and of the squared look-ahead (s), and the last step's clipped gradient
 * with the sign turned (n); and the number of steps taken (float32 scalar).
 */
export interface AdanState {
  readonly m: Values;
  readonly v: Values;
  readonly s: Values;
  readonly n: Values;
  readonly step: Value;
}

export interface AdanOptions {
  /** One for all, or one by parameter. */
  readonly lr: LearningRate;
  readonly betas?: readonly [number, number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Limit of the norm of all gradients together; 0 leaves them as they are. */
  readonly maxGradNorm?: number;
}

/** The state before the first step. */
export function adanState(params: Values): AdanState {
  const z = (): Values => zerosOf(params);
  return { m: z(), v: z(), s: z(), n: z(), step: constant(0) };
}

/**
 * One step of Adan (Xie et al. 2022, Algorithm 1, proximal weight decay) as its authors' code does it: betas are the weights kept, the
 * gradients are clipped together, and the difference of the first step is zero. Defaults are Portrait3D's.
 */
export function adan(
  params: Values,
  grads: Values,
  state: AdanState,
  options: AdanOptions,
): { params: Values; state: AdanState } {
  const { lr, betas = [0.98, 0.92, 0.99], eps = 1e-8, weightDecay = 2e-5, maxGradNorm = 5 } = options;
  const [b1, b2, b3] = betas;
  const step = add(state.step, 1);
  const notFirst = minimum(state.step, 1);
  const g = maxGradNorm > 0 ? clipByGlobalNorm(grads, maxGradNorm, eps).grads : grads;
  const diff = mapValues(state.n, (n, name) => mul(add(n, gradientOf(g, name)), notFirst));
  const m = mapValues(state.m, (old, name) => add(mul(old, b1), mul(g[name], 1 - b1)));
  const v = mapValues(state.v, (old, name) => add(mul(old, b2), mul(diff[name], 1 - b2)));
  const s = mapValues(state.s, (old, name) =>
    add(mul(old, b3), mul(square(add(mul(diff[name], b2), g[name])), 1 - b3)),
  );
  const c1 = biasCorrection(b1, step);
  const c2 = biasCorrection(b2, step);
  const root = sqrt(biasCorrection(b3, step));
  const next = mapValues(params, (p, name) => {
    const rate = rateOf(lr, name);
    const denominator = add(div(sqrt(s[name]), root), eps);
    const along = add(mul(m[name], div(1, c1)), mul(v[name], div(b2, c2)));
    const moved = sub(p, mul(div(along, denominator), rate));
    return weightDecay === 0 ? moved : div(moved, add(mul(constant(weightDecay), rate), 1));
  });
  return { params: next, state: { m, v, s, n: mapValues(g, (x) => neg(x)), step } };
}

function rateOf(lr: LearningRate, name: string): Arg {
  if (typeof lr === 'number' || lr instanceof Value) return lr;
  const rate = lr[name];
  if (rate === undefined) throw new Error(`No learning rate was given for the parameter '${name}'.`);
  return rate;
}
