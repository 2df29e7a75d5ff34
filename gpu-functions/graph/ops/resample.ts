import { simpleRule } from '../rules.ts';
import { GraphError, hostTensor, type DType, typedArray } from '../tensor.ts';
import { gradients } from '../gradient.ts';
import { constant, makeValue, type Attributes, type Value } from '../value.ts';
import { differentiated } from './differentiated.ts';
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
  const product = resizeProduct(x, size, mode);
  if (mode === 'nearest' || x.dtype !== 'float32' || product === x) return product;
  const attributes = { mode, coordinate_transformation_mode: 'half_pixel' };
  const resized = resizeNode(x, size, attributes);
  return differentiated(resized, [x], (g) => [() => gradients([product], [x], [g])[0]]);
}

/** Resampling as a matrix product an axis: what has an adjoint. */
function resizeProduct(x: Value, [h, w]: readonly [number, number], mode: ResizeMode): Value {
  const [, , height, width] = x.shape;
  const wide = w === width ? x : matmul(x, transposeLast(resizeMatrix(width, w, mode, x.dtype)));
  return h === height ? wide : matmul(resizeMatrix(height, h, mode, x.dtype), wide);
}

function resizeNode(x: Value, [h, w]: readonly [number, number], attributes: Attributes): Value {
  const [n, c, height, width] = x.shape;
  const scales = constant(hostTensor([1, 1, h / height, w / width], [4]));
  return makeValue('Resize', [x, null, scales], attributes, [n, c, h, w], x.dtype);
}

/** Repeat every pixel of [N, C, H, W] f × f times. */
export function upsampleNearest2d(x: Value, f = 2): Value {
  const [n, c, h, w] = x.shape;
  const blocks = reshape(x, [n, c, h, 1, w, 1]);
  const spread = reshape(expand(blocks, [n, c, h, f, w, f]), [n, c, h * f, w * f]);
  if (x.dtype !== 'float32') return spread;
  // Resize takes a fiftieth of the time that Expand over inner axes does.
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const resized = resizeNode(x, [h * f, w * f], attributes);
  return differentiated(resized, [x], (g) => [() => sum(reshape(g, [n, c, h, f, w, f]), [3, 5])]);
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
