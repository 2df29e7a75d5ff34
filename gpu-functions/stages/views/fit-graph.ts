import {
  add,
  concat,
  div,
  gradients,
  input,
  maximum,
  mean,
  mul,
  reshape,
  slice,
  square,
  sub,
  sum,
  type Value,
} from '../../graph/index.ts';
import type { Parameters } from '../../nn/index.ts';
import type { GeneratorConfig, Rays } from '../../portrait/index.ts';
import { planesInput, shadeRays } from './scene-graphs.ts';

/** Side of the patches that rays come in. */
export const PATCH = 4;

/** How far rays are from their targets: single rays, and patches' means, which see shapes before details. */
export interface FitWeights {
  alpha: number;
  lowPass: number;
}

/**
 * Photometric loss of rays that come in patches of 4×4 pixels, and its gradient with respect to the planes and `wrt`.
 *
 * Inputs besides the rays': planes, depths `[R, K]`, `target` `[R, 4]` (premultiplied colour, alpha), `weight` `[R]`.
 * Outputs: `gradient` of the planes, `gradient.<name>` of each of `wrt`, `loss`.
 */
export function fitGraph(
  p: Parameters,
  config: GeneratorConfig,
  rays: Rays,
  depths: Value,
  { alpha, lowPass }: FitWeights,
  wrt: Record<string, Value> = {},
): Record<string, Value> {
  const planes = planesInput(config);
  const count = depths.shape[0];
  const { colour } = shadeRays(p, config, [planes], rays, depths);
  const difference = sub(colour, input('target', [count, 4]));
  const weight = reshape(input('weight', [count]), [count, 1]);
  const perPatch = (x: Value) => mean(reshape(x, [count / PATCH ** 2, PATCH ** 2, x.shape[1]]), [1]);
  const fine = squaredError(difference, weight, alpha);
  const coarse = squaredError(perPatch(difference), perPatch(weight), alpha);
  const loss = div(add(fine, mul(coarse, lowPass)), 1 + lowPass);
  const [gradient, ...others] = gradients([loss], [planes, ...Object.values(wrt)]);
  return {
    gradient,
    loss,
    ...Object.fromEntries(Object.keys(wrt).map((name, i) => [`gradient.${name}`, others[i]])),
  };
}

/** Weighted mean over rays of the squared error of colour, and of alpha times its weight. */
function squaredError(difference: Value, weight: Value, alpha: number): Value {
  const squares = square(difference);
  const error = concat([slice(squares, 1, 0, 3), mul(slice(squares, 1, 3, 4), alpha)], 1);
  return div(sum(mul(error, weight)), maximum(mul(sum(weight), 3), 1e-6));
}
