import { simpleRule } from '../rules.ts';
import { GraphError, type Shape } from '../tensor.ts';
import { makeValue, type Value } from '../value.ts';
import { ones, zeros } from './create.ts';
import { add, mul, rsqrt, square, sub } from './elementwise.ts';
import { mean, unbroadcast } from './reduce.ts';
import { reshape } from './shape.ts';

const floatOf = (v: unknown): number => (v as { float: number }).float;

/** (x − mean) / √(variance + eps) over axes, from elementary operators. */
function standardise(x: Value, axes: readonly number[], eps: number): Value {
  const centred = sub(x, mean(x, axes, true));
  return mul(centred, rsqrt(add(mean(square(centred), axes, true), eps)));
}

/** d standardise: rstd · (g − mean g − y · mean(g·y)), y being the standardised x. */
function standardiseCotangent(x: Value, y: Value, g: Value, axes: readonly number[], eps: number): Value {
  const variance = mean(square(sub(x, mean(x, axes, true))), axes, true);
  const centred = sub(sub(g, mean(g, axes, true)), mul(y, mean(mul(g, y), axes, true)));
  return mul(rsqrt(add(variance, eps)), centred);
}

/** Standardise every row of [N, G, L] by ONNX Runtime's one-pass kernel. */
function standardiseRows(x: Value, eps: number): Value {
  if (x.dtype === 'float64') return standardise(x, [2], eps);
  const groups = [x.shape[1]];
  const inputs = [x, ones(groups, x.dtype), zeros(groups, x.dtype)];
  return makeValue('InstanceNormalization', inputs, { epsilon: { float: eps } }, x.shape, x.dtype);
}

/** Group normalisation of [N, C, …]: channels in `groups` groups, then scale and bias [C] (either may be null). */
export function groupNorm(
  x: Value,
  groups: number,
  scale: Value | null,
  bias: Value | null,
  eps = 1e-5,
): Value {
  const [n, channels] = x.shape;
  if (channels % groups)
    throw new GraphError(`groupNorm: ${groups} groups do not divide ${channels} channels`);
  const y = reshape(standardiseRows(reshape(x, [n, groups, -1]), eps), x.shape);
  const spread: Shape = [channels, ...x.shape.slice(2).map(() => 1)];
  const scaled = scale ? mul(y, reshape(scale, spread)) : y;
  return bias ? add(scaled, reshape(bias, spread)) : scaled;
}

/** Layer normalisation over the last axis, then scale and bias (either may be null). */
export function layerNorm(x: Value, scale: Value | null, bias: Value | null, eps = 1e-5): Value {
  const width = [x.shape.at(-1)!];
  const inputs = [x, scale ?? ones(width, x.dtype), bias ?? zeros(width, x.dtype)];
  return makeValue('LayerNormalization', inputs, { axis: -1, epsilon: { float: eps } }, x.shape, x.dtype);
}

simpleRule('InstanceNormalization', (g, [x], y, node) => [
  () => standardiseCotangent(x, y, g, [2], floatOf(node.attributes.epsilon)),
  null,
  null,
]);
simpleRule('LayerNormalization', (g, [x, scale, bias], _, node) => {
  const eps = floatOf(node.attributes.epsilon);
  const y = layerNorm(x, null, null, eps);
  return [
    () => standardiseCotangent(x, y, mul(g, scale), [-1], eps),
    () => unbroadcast(mul(g, y), scale.shape),
    () => unbroadcast(g, bias.shape),
  ];
});
