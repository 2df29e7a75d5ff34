import { gradientRule, simpleRule } from '../rules.ts';
import { GraphError, hostTensor, sizeOf, type Shape, listOf } from '../tensor.ts';
import { constant, makeNode, makeValue, type Attributes, type Node, type Value } from '../value.ts';
import { alongLast, axisMap, transposed, type AxisMap } from './along-axis.ts';
import { zeros } from './create.ts';
import { abs, mul, pow, sub } from './elementwise.ts';
import { scatterElements } from './scatter.ts';
import { upsampleNearest2d } from './resample.ts';
import { reshape } from './shape.ts';
import { reach } from './windows.ts';

/** Windows over the spatial axes of [N, C, …]; one entry an axis, `pads` the befores and then the afters. */
export interface PoolingWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pads: readonly number[];
  readonly dilation: readonly number[];
  /** Whether a last window that runs over the end counts. */
  readonly ceil?: boolean;
}

const square = (k: number): PoolingWindow => ({
  kernel: [k, k],
  stride: [k, k],
  pads: [0, 0, 0, 0],
  dilation: [1, 1],
});

/** How many windows fit an axis. */
function countOf(
  x: Shape,
  { kernel, stride, pads, dilation, ceil = false }: PoolingWindow,
  i: number,
): number {
  const size = x[i + 2];
  const room = (size + pads[i] + pads[i + kernel.length] - reach(kernel[i], dilation[i])) / stride[i];
  const count = (ceil ? Math.ceil(room) : Math.floor(room)) + 1;
  // No window lies wholly in the padding behind.
  return ceil && (count - 1) * stride[i] >= size + pads[i] ? count - 1 : count;
}

function pooledShape(x: Value, window: PoolingWindow, op: string): Shape {
  const n = x.shape.length - 2;
  const { kernel, stride, pads, dilation } = window;
  if (n < 1 || kernel.length !== n || stride.length !== n || dilation.length !== n || pads.length !== 2 * n) {
    throw new GraphError(`${op}: windows of [${kernel.join(', ')}] over images [${x.shape.join(', ')}]`);
  }
  return [x.shape[0], x.shape[1], ...kernel.map((_, i) => countOf(x.shape, window, i))];
}

function attributesOf({ kernel, stride, pads, ceil = false }: PoolingWindow): Attributes {
  return { kernel_shape: kernel, strides: stride, pads, ceil_mode: ceil ? 1 : 0 };
}

function windowOf({ attributes }: Node): PoolingWindow {
  const list = (name: string): readonly number[] => attributes[name] as readonly number[];
  const kernel = list('kernel_shape');
  return {
    kernel,
    stride: list('strides'),
    pads: list('pads'),
    dilation: list('dilations') ?? kernel.map(() => 1),
    ceil: attributes.ceil_mode === 1,
  };
}

/** Largest of every window of [N, C, …]; of equal ones the first gets the gradient. */
export function maxPool(x: Value, window: PoolingWindow): Value {
  const attributes = { ...attributesOf(window), dilations: window.dilation };
  return makeValue('MaxPool', [x], attributes, pooledShape(x, window, 'maxPool'), x.dtype);
}

/** {@link maxPool} with the int64 place of each in the whole of x; column-major counts the last spatial axis slowest. */
export function maxPoolWithIndices(
  x: Value,
  window: PoolingWindow,
  { columnMajor = false }: { columnMajor?: boolean } = {},
): [values: Value, indices: Value] {
  const shape = pooledShape(x, window, 'maxPool');
  const attributes = {
    ...attributesOf(window),
    dilations: window.dilation,
    storage_order: columnMajor ? 1 : 0,
  };
  const node = makeNode('MaxPool', [x], attributes, [
    { dtype: x.dtype, shape },
    { dtype: 'int64', shape },
  ]);
  return [node.outputs[0], node.outputs[1]];
}

/** The mean over the windows of one axis; what is outside counts as zeros, or not at all. */
function windowMeans(x: Shape, window: PoolingWindow, i: number, countPadding: boolean): AxisMap {
  const { kernel, stride, pads, dilation } = window;
  const size = x[i + 2];
  return axisMap(size, countOf(x, window, i), (o) => {
    const taps = listOf(kernel[i], (k) => o * stride[i] - pads[i] + k * dilation[i]);
    const inside = taps.filter((t) => t >= 0 && t < size);
    // Behind the padding there is nothing, not even zeros.
    const counted = countPadding ? taps.filter((t) => t < size + pads[i + kernel.length]) : inside;
    return inside.map((t) => [t, 1 / counted.length]);
  });
}

/** Mean of every window of [N, C, …], over the zeros of the padding too or without them. */
export function averagePool(
  x: Value,
  window: PoolingWindow,
  { countPadding = false }: { countPadding?: boolean } = {},
): Value {
  const shape = pooledShape(x, window, 'averagePool');
  if (window.dilation.some((d) => d !== 1)) {
    // AveragePool has dilations only since opset 19.
    return alongLast(
      x,
      window.kernel.map((_, i) => windowMeans(x.shape, window, i, countPadding)),
    );
  }
  const attributes = { ...attributesOf(window), count_include_pad: countPadding ? 1 : 0 };
  return makeValue('AveragePool', [x], attributes, shape, x.dtype);
}

/** (Σ |x|ᵖ)^(1/p) over every window of [N, C, …]. */
export function lpPool(x: Value, window: PoolingWindow, p: number): Value {
  const means = averagePool(pow(abs(x), p), window, { countPadding: true });
  return pow(mul(means, sizeOf(window.kernel)), 1 / p);
}

/** Mean of every k × k block of [N, C, H, W]. */
export function averagePool2d(x: Value, k: number): Value {
  requireBlocks(x, k, 'averagePool2d');
  return averagePool(x, square(k));
}

/** Largest of every k × k block of [N, C, H, W]; of equal ones the first gets the gradient. */
export function maxPool2d(x: Value, k: number): Value {
  requireBlocks(x, k, 'maxPool2d');
  return maxPool(x, square(k));
}

function requireBlocks({ shape: [, , h, w] }: Value, k: number, op: string): void {
  if (h % k || w % k) throw new GraphError(`${op}: blocks of ${k} do not tile ${h} × ${w}`);
}

/** The block's size where the windows are square blocks that tile images. */
function tiling({ shape }: Value, { kernel, stride, pads }: PoolingWindow): number | undefined {
  const k = kernel[0];
  const tiles = kernel.length === 2 && [...kernel, ...stride].every((n) => n === k);
  return tiles && pads.every((p) => p === 0) && shape[2] % k === 0 && shape[3] % k === 0 ? k : undefined;
}

simpleRule('AveragePool', (g, [x], __, node) => [
  () => {
    const window = windowOf(node);
    const k = tiling(x, window);
    if (k !== undefined) return upsampleNearest2d(mul(g, 1 / k ** 2), k);
    const counting = node.attributes.count_include_pad === 1;
    const means = window.kernel.map((_, i) => windowMeans(x.shape, window, i, counting));
    return alongLast(g, means.map(transposed));
  },
]);

/** Images [N, C, …] as rows [N·C, pixels]. */
const planes = (x: Value): Value => reshape(x, [x.shape[0] * x.shape[1], -1]);

gradientRule('MaxPool', (node, [g]) => [
  g
    ? () => {
        const x = node.inputs[0]!;
        const [, indices] = maxPoolWithIndices(x, windowOf(node));
        const pixels = sizeOf(x.shape.slice(2));
        const rows = x.shape[0] * x.shape[1];
        const firsts = listOf(rows, (i) => i * pixels);
        const local = sub(planes(indices), constant(hostTensor(firsts, [rows, 1], 'int64')));
        const base = zeros([rows, pixels], x.dtype);
        return reshape(scatterElements(base, local, planes(g), 1, 'add'), x.shape);
      }
    : null,
]);

/** The inverse of max pooling: every value at its place (one of maxPoolWithIndices) in a tensor of the given shape, zeros elsewhere. */
export function maxUnpool(x: Value, indices: Value, shape: Shape): Value {
  const flat = zeros([sizeOf(shape)], x.dtype);
  return reshape(scatterElements(flat, reshape(indices, [-1]), reshape(x, [-1]), 0, 'none'), shape);
}
