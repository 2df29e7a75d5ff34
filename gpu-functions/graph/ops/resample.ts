import { simpleRule } from '../rules.ts';
import { GraphError, hostTensor, type DType, typedArray } from '../tensor.ts';
import { constant, makeValue, type Value } from '../value.ts';
import { cast, div, equal, mul, where } from './elementwise.ts';
import { matmul } from './linear.ts';
import { sum } from './reduce.ts';
import { expand, reshape, transposeLast } from './shape.ts';

export type ResizeMode = 'nearest' | 'linear';

/** The [to, from] matrix that resamples one axis: half-pixel centres, edges clamped. */
export function resizeMatrix(from: number, to: number, mode: ResizeMode, dtype: DType = 'float32'): Value {
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to;
    if (mode === 'nearest') {
      weights[i * from + Math.min(from - 1, Math.floor(centre))] = 1;
      continue;
    }
    const low = Math.floor(centre - 0.5);
    const t = centre - 0.5 - low;
    weights[i * from + Math.max(0, low)] += 1 - t;
    weights[i * from + Math.min(from - 1, low + 1)] += t;
  }
  return constant(hostTensor(typedArray(weights, dtype), [to, from], dtype));
}

/** Resize images [N, C, H, W] to [h, w]: half-pixel centres, edges clamped, no antialiasing. */
export function resize2d(x: Value, size: readonly [number, number], { mode }: { mode: ResizeMode }): Value {
  const [, , height, width] = x.shape;
  const [h, w] = size;
  if (mode === 'nearest' && h % height === 0 && w % width === 0 && h / height === w / width) {
    return upsampleNearest2d(x, h / height);
  }
  const wide = w === width ? x : matmul(x, transposeLast(resizeMatrix(width, w, mode, x.dtype)));
  return h === height ? wide : matmul(resizeMatrix(height, h, mode, x.dtype), wide);
}

/** Repeat every pixel of [N, C, H, W] f × f times. */
export function upsampleNearest2d(x: Value, f = 2): Value {
  const [n, c, h, w] = x.shape;
  const spread = expand(reshape(x, [n, c, h, 1, w, 1]), [n, c, h, f, w, f]);
  return reshape(spread, [n, c, h * f, w * f]);
}

function pool(op: string, x: Value, k: number): Value {
  const [n, c, h, w] = x.shape;
  if (h % k || w % k) throw new GraphError(`${op}: blocks of ${k} do not tile ${h} × ${w}`);
  const attributes = { kernel_shape: [k, k], strides: [k, k] };
  return makeValue(op, [x], attributes, [n, c, h / k, w / k], x.dtype);
}

/** Mean of every k × k block of [N, C, H, W]. */
export function averagePool2d(x: Value, k: number): Value {
  return pool('AveragePool', x, k);
}

/** Largest of every k × k block of [N, C, H, W]; equal maxima share the gradient. */
export function maxPool2d(x: Value, k: number): Value {
  return pool('MaxPool', x, k);
}

const blockOf = (attributes: Readonly<Record<string, unknown>>): number =>
  (attributes.kernel_shape as readonly number[])[0];

simpleRule('AveragePool', (g, _, __, node) => {
  const k = blockOf(node.attributes);
  return [() => upsampleNearest2d(mul(g, 1 / k ** 2), k)];
});
simpleRule('MaxPool', (g, [x], y, node) => [
  () => {
    const k = blockOf(node.attributes);
    const [n, c, h, w] = y.shape;
    const hit = equal(x, upsampleNearest2d(y, k));
    const blocks = reshape(cast(hit, x.dtype), [n, c, h, k, w, k]);
    return where(hit, upsampleNearest2d(div(g, sum(blocks, [3, 5])), k), 0);
  },
]);
