import { add, constant, div, mul, sqrt, square, sub, type Arg, type Value } from '../graph/index.ts';
import { biasCorrection, gradientOf, mapValues, zerosOf, type Values } from './values.ts';

/** First and second moments by parameter, and the number of steps taken (float32 scalar). */
export interface AdamState {
  readonly m: Values;
  readonly v: Values;
  readonly step: Value;
}

export interface AdamOptions {
  readonly lr: Arg;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  /** What gradients are multiplied by before they count, such as the factor that clips them: a pass over memory less than clipped gradients are. */
  readonly gradientScale?: Value;
  /** Decoupled (AdamW): a step also scales the parameters by 1 − lr · weightDecay. */
  readonly weightDecay?: number;
}

/** The state before the first step. */
export function adamState(params: Values): AdamState {
  return { m: zerosOf(params), v: zerosOf(params), step: constant(0) };
}

/** One step of Adam (Kingma & Ba 2015, in the efficient order of §2's end) with bias correction. */
export function adam(
  params: Values,
  grads: Values,
  state: AdamState,
  options: AdamOptions,
): { params: Values; state: AdamState } {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 } = options;
  const scale = options.gradientScale ?? constant(1);
  const step = add(state.step, 1);
  const root = sqrt(biasCorrection(beta2, step));
  // θ − lr/c₁ · m / (√(v/c₂) + ε), with √c₂ taken out of the fraction so that only scalars are corrected.
  const rate = div(mul(root, lr), biasCorrection(beta1, step));
  const floor = mul(root, eps);
  const [heard, heardSquares] = [mul(scale, 1 - beta1), mul(square(scale), 1 - beta2)];
  const m = mapValues(state.m, (old, name) => add(mul(old, beta1), mul(gradientOf(grads, name), heard)));
  const v = mapValues(state.v, (old, name) =>
    add(mul(old, beta2), mul(square(gradientOf(grads, name)), heardSquares)),
  );
  const next = mapValues(params, (p, name) => {
    const kept = weightDecay === 0 ? p : mul(p, sub(1, mul(constant(weightDecay), lr)));
    return sub(kept, mul(rate, div(m[name], add(sqrt(v[name]), floor))));
  });
  return { params: next, state: { m, v, step } };
}
