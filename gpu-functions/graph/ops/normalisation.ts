import { simpleRule } from '../rules.ts';
import { GraphError, sizeOf, type Shape, listOf } from '../tensor.ts';
import { makeValue, normaliseAxis, type Value } from '../value.ts';
import { ones, zeros } from './create.ts';
import { differentiated } from './differentiated.ts';
import { add, div, mul, pow, rsqrt, sqrt, square, sub } from './elementwise.ts';
import { pad } from './pad.ts';
import { mean, unbroadcast } from './reduce.ts';
import { reshape, slice } from './shape.ts';

const floatOf = (v: unknown): number => (v as { float: number }).float;

/** The axes from one on. */
const axesFrom = (x: Value, axis: number): number[] => [...x.shape.keys()].slice(axis);

/** 1 / √(variance + eps) over axes, which are kept as length 1. */
export function inverseDeviation(x: Value, axes: readonly number[], eps: number): Value {
  return rsqrt(add(mean(square(sub(x, mean(x, axes, true))), axes, true), eps));
}

/** (x − mean) / √(variance + eps) over axes, from elementary operators. */
function standardise(x: Value, axes: readonly number[], eps: number): Value {
  const centred = sub(x, mean(x, axes, true));
  return mul(centred, rsqrt(add(mean(square(centred), axes, true), eps)));
}

/** d standardise: rstd · (g − mean g − y · mean(g·y)), y being the standardised x. */
function standardiseCotangent(x: Value, y: Value, g: Value, axes: readonly number[], eps: number): Value {
  const centred = sub(sub(g, mean(g, axes, true)), mul(y, mean(mul(g, y), axes, true)));
  return mul(inverseDeviation(x, axes, eps), centred);
}

/** Standardise every row of [N, G, L] by ONNX Runtime's one-pass kernel. */
function standardiseRows(x: Value, eps: number): Value {
  if (x.dtype === 'float64') return standardise(x, [2], eps);
  const groups = [x.shape[1]];
  const inputs = [x, ones(groups, x.dtype), zeros(groups, x.dtype)];
  return makeValue('InstanceNormalization', inputs, { epsilon: { float: eps } }, x.shape, x.dtype);
}

/** A value for each channel of [N, C, …], to broadcast against it. */
function perChannel(v: Value, x: Value): Value {
  return reshape(v, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
}

/** x [N, C, …] · scale + bias, both [C] (either may be null). */
function scaleChannels(x: Value, scale: Value | null, bias: Value | null): Value {
  if (scale && bias) {
    // With a mean of 0 and a variance of 1 this is the whole of it, in one pass.
    const statistics = [zeros(scale.shape, x.dtype), ones(scale.shape, x.dtype)];
    const attributes = { epsilon: { float: 0 } };
    const y = makeValue('BatchNormalization', [x, scale, bias, ...statistics], attributes, x.shape, x.dtype);
    return differentiated(y, [x, scale, bias], (g) => [
      () => mul(g, perChannel(scale, x)),
      () => reshape(unbroadcast(mul(g, x), perChannel(scale, x).shape), scale.shape),
      () => reshape(unbroadcast(g, perChannel(bias, x).shape), bias.shape),
    ]);
  }
  const scaled = scale ? mul(x, perChannel(scale, x)) : x;
  return bias ? add(scaled, perChannel(bias, x)) : scaled;
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
  return scaleChannels(y, scale, bias);
}

/** Layer normalisation over the axes from `axis` on (the last by default), then scale and bias of their shape (either may be null). */
export function layerNorm(x: Value, scale: Value | null, bias: Value | null, eps = 1e-5, axis = -1): Value {
  const a = normaliseAxis(axis, x.shape.length, 'layerNorm');
  const rest: Shape = x.shape.slice(a);
  // Without them it is what instances of one batch are normalised by, whose kernel takes a sixth of the time on the CPU.
  if (!scale && !bias) {
    const rows = reshape(x, [1, sizeOf(x.shape.slice(0, a)), sizeOf(rest)]);
    return reshape(standardiseRows(rows, eps), x.shape);
  }
  const inputs = [x, scale ?? ones(rest, x.dtype), bias ?? zeros(rest, x.dtype)];
  const attributes = { axis: a, epsilon: { float: eps } };
  return makeValue('LayerNormalization', inputs, attributes, x.shape, x.dtype);
}

/** Scale and bias by statistics of each channel of [N, C, …]; all four are [C]. */
export function batchNorm(
  x: Value,
  scale: Value,
  bias: Value,
  channelMean: Value,
  variance: Value,
  eps = 1e-5,
): Value {
  const gain = mul(scale, rsqrt(add(variance, eps)));
  return add(mul(sub(x, perChannel(channelMean, x)), perChannel(gain, x)), perChannel(bias, x));
}

/** Mean and (biased) variance [C] of each channel of [N, C, …]. */
export function channelStatistics(x: Value): { mean: Value; variance: Value } {
  const axes = [...x.shape.keys()].filter((i) => i !== 1);
  const centre = mean(x, axes, true);
  return { mean: reshape(centre, [x.shape[1]]), variance: mean(square(sub(x, centre)), axes) };
}

/** x / (bias + alpha / size · Σ x²)^beta, the sum over `size` neighbouring channels of [N, C, …] (AlexNet §3.3). */
export function localResponseNorm(
  x: Value,
  size: number,
  { alpha = 1e-4, beta = 0.75, bias = 1 }: { alpha?: number; beta?: number; bias?: number } = {},
): Value {
  const channels = x.shape[1];
  // A window that reaches beyond all channels finds nothing more there.
  const before = Math.min(Math.floor((size - 1) / 2), channels);
  const after = Math.min(size - 1 - Math.floor((size - 1) / 2), channels);
  const none = x.shape.map(() => 0);
  const squares = pad(square(x), none.with(1, before), none.with(1, after));
  const total = listOf(before + 1 + after, (i) => slice(squares, 1, i, i + channels)).reduce((a, b) =>
    add(a, b),
  );
  return mul(x, pow(add(mul(total, alpha / size), bias), -beta));
}

/** (x − mean) / deviation over axes. */
export function meanVarianceNorm(x: Value, axes: readonly number[]): Value {
  const centred = sub(x, mean(x, axes, true));
  return div(centred, add(sqrt(mean(square(centred), axes, true)), 1e-9));
}

simpleRule('InstanceNormalization', (g, [x], y, node) => [
  () => standardiseCotangent(x, y, g, [2], floatOf(node.attributes.epsilon)),
  null,
  null,
]);
simpleRule('LayerNormalization', (g, [x, scale, bias], _, node) => {
  const eps = floatOf(node.attributes.epsilon);
  const axis = node.attributes.axis as number;
  const y = layerNorm(x, null, null, eps, axis);
  return [
    () => standardiseCotangent(x, y, mul(g, scale), axesFrom(x, axis), eps),
    () => unbroadcast(mul(g, y), scale.shape),
    () => unbroadcast(g, bias.shape),
  ];
});
