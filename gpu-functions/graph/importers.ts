import {
  foldBinary,
  foldConcat,
  foldGather,
  foldSlice,
  foldTranspose,
  type Range,
} from './constant-folding.ts';
import { dtypeOfCode, readTensor } from './model-reader.ts';
import * as e from './ops/elementwise.ts';
import { conv2d, convTranspose2d, type Padding } from './ops/convolution.ts';
import { full } from './ops/create.ts';
import { gather, gatherElements, scatterAddRows } from './ops/indexing.ts';
import { logSoftmax, matmul, softmax } from './ops/linear.ts';
import { groupNorm, layerNorm } from './ops/normalisation.ts';
import * as r from './ops/reduce.ts';
import { averagePool2d, maxPool2d, resize2d } from './ops/resample.ts';
import * as s from './ops/shape.ts';
import type { Message } from './protobuf-reader.ts';
import { elementOf, hostTensor, isFloat, sizeOf, typedArray, type HostTensor } from './tensor.ts';
import { constant, ints, namedConstant, normaliseAxis, type Value } from './value.ts';

/** A node of a model being imported. */
export interface Importing {
  readonly op: string;
  /** The name of the first output. */
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  /** How many outputs the node has. */
  readonly outputs: number;
  /** The first input. */
  readonly x: Value;
  /** The integers of input i, a constant; undefined where it is left out. */
  readonly list: (i: number) => number[] | undefined;
  readonly int: (name: string, otherwise: number) => number;
  readonly float: (name: string, otherwise: number) => number;
  readonly string: (name: string, otherwise: string) => string;
  readonly ints: (name: string) => number[] | undefined;
  readonly attribute: (name: string) => Message | undefined;
  readonly refuse: (why: string) => never;
}

export type Importer = (node: Importing) => Value | readonly Value[];

/** The data of small constants that are no parameters, to be computed with at once; undefined for what is left to the graph. */
function known(...values: (Value | undefined)[]): HostTensor[] | undefined {
  const tensors = values.map((v) => (v?.node.name === undefined ? v?.node.tensor : undefined));
  return tensors.every((t) => t && sizeOf(t.shape) <= 4096) ? (tensors as HostTensor[]) : undefined;
}

const unary =
  (f: (x: Value) => Value): Importer =>
  ({ x }) =>
    f(x);
const binary =
  (f: (a: Value, b: Value) => Value): Importer =>
  ({ inputs }) =>
    f(inputs[0]!, inputs[1]!);
/** Arithmetic that shapes are computed with. */
const arithmetic =
  (f: (a: Value, b: Value) => Value): Importer =>
  ({ op, inputs: [a, b] }) => {
    const data = known(a, b);
    return data ? foldBinary(op, data[0], data[1]) : f(a!, b!);
  };

/** A one-element input as a number. */
function numberOf(node: Importing, i: number): number | undefined {
  const v = node.inputs[i];
  if (!v) return undefined;
  return v.node.tensor ? elementOf(v.node.tensor, 0) : node.refuse(`its input ${i} is not constant`);
}

function axesOf(node: Importing): number[] | undefined {
  return node.list(1) ?? node.ints('axes');
}

type Reduction = (x: Value, axes?: readonly number[], keep?: boolean) => Value;
const reduction =
  (f: Reduction): Importer =>
  (node) => {
    const axes = axesOf(node);
    if (axes?.length === 0 || (!axes && node.int('noop_with_empty_axes', 0) === 1)) return node.x;
    return f(node.x, axes, node.int('keepdims', 1) === 1);
  };

/** Window attributes that convolutions share. */
function window(node: Importing) {
  if (!['NOTSET', ''].includes(node.string('auto_pad', 'NOTSET'))) node.refuse('it pads automatically');
  const two = (name: string): [number, number] => (node.ints(name) ?? [1, 1]) as [number, number];
  return {
    stride: two('strides'),
    dilation: two('dilations'),
    padding: (node.ints('pads') ?? [0, 0, 0, 0]) as unknown as Padding,
    groups: node.int('group', 1),
  };
}

/** The size of a pooling that tiles its input. */
function blockOf(node: Importing): number {
  const kernel = node.ints('kernel_shape') ?? [];
  const strides = node.ints('strides') ?? kernel.map(() => 1);
  const [, , h, w] = node.x.shape;
  const k = kernel[0];
  const square = kernel.length === 2 && [...kernel, ...strides].every((n) => n === k);
  const padded = (node.ints('pads') ?? []).some((p) => p !== 0);
  if (!square || padded || h % k || w % k)
    node.refuse('only pooling by square blocks that tile the image is known');
  return k;
}

function slice(node: Importing): Value {
  const { x } = node;
  const [starts, ends] = [node.list(1)!, node.list(2)!];
  const axes = (node.list(3) ?? [...starts.keys()]).map((a) => normaliseAxis(a, x.shape.length, 'Slice'));
  const steps = node.list(4) ?? starts.map(() => 1);
  const ranges = axes.map((axis, i): Range => {
    const n = x.shape[axis];
    const step = steps[i];
    const clip = (v: number): number => {
      const counted = v < 0 ? v + n : v;
      return step > 0 ? Math.min(Math.max(counted, 0), n) : Math.min(Math.max(counted, -1), n - 1);
    };
    return { axis, start: clip(starts[i]), end: clip(ends[i]), step };
  });
  const data = known(x);
  if (data) return foldSlice(data[0], ranges);
  const turned = ranges.filter((t) => t.step < 0);
  if (turned.some((t) => t.step !== -1 || t.start !== x.shape[t.axis] - 1 || t.end !== -1)) {
    node.refuse('it goes backwards over part of an axis');
  }
  const flipped = s.flip(
    x,
    turned.map((t) => t.axis),
  );
  const forward = ranges.filter((t) => t.step > 0);
  return s.sliceAxes(
    flipped,
    forward.map((t) => t.axis),
    forward.map((t) => t.start),
    forward.map((t) => Math.max(t.start, t.end)),
    forward.map((t) => t.step),
  );
}

function reshape(node: Importing): Value {
  const { x } = node;
  const wanted = node.list(1)!;
  return s.reshape(
    x,
    node.int('allowzero', 0) === 1 ? wanted : wanted.map((d, i) => (d === 0 ? x.shape[i] : d)),
  );
}

/** Reshapes keep small integer constants constant. */
function reshaped(x: Value, to: Value): Value {
  const data = known(x);
  return data ? constant(hostTensor(data[0].data, to.shape, data[0].dtype)) : to;
}

function split(node: Importing): Value[] {
  const { x, outputs } = node;
  const axis = normaliseAxis(node.int('axis', 0), x.shape.length, 'Split');
  const part = Math.ceil(x.shape[axis] / outputs);
  const equal = Array.from({ length: outputs }, (_, i) => Math.min(part, x.shape[axis] - i * part));
  return s.split(x, axis, node.list(1) ?? equal);
}

function pad(node: Importing): Value {
  if (node.string('mode', 'constant') !== 'constant') node.refuse('only constant padding is known');
  const { x } = node;
  const axes = (node.list(3) ?? [...x.shape.keys()]).map((a) => normaliseAxis(a, x.shape.length, 'Pad'));
  const pads = node.list(1)!;
  const [begins, ends] = [x.shape.map(() => 0), x.shape.map(() => 0)];
  for (const [i, axis] of axes.entries()) {
    begins[axis] = pads[i];
    ends[axis] = pads[axes.length + i];
  }
  // Negative padding crops.
  const whole = [...x.shape.keys()];
  const cropped = s.sliceAxes(
    x,
    whole,
    begins.map((b) => Math.max(0, -b)),
    ends.map((n, i) => x.shape[i] - Math.max(0, -n)),
  );
  return s.pad(
    cropped,
    begins.map((p) => Math.max(0, p)),
    ends.map((p) => Math.max(0, p)),
    numberOf(node, 2) ?? 0,
  );
}

function gemm(node: Importing): Value {
  const [a, b, c] = node.inputs as Value[];
  const left = node.int('transA', 0) === 1 ? s.transposeLast(a) : a;
  const right = node.int('transB', 0) === 1 ? s.transposeLast(b) : b;
  const product = e.mul(matmul(left, right), node.float('alpha', 1));
  return c ? e.add(product, e.mul(c, node.float('beta', 1))) : product;
}

function resize(node: Importing): Value {
  const { x } = node;
  const sizes = node.list(3);
  const scales = node.inputs[2]?.node.tensor;
  const size = x.shape.map((d, i) => sizes?.[i] ?? Math.floor(d * (scales ? elementOf(scales, i) : 1)));
  if (x.shape.length !== 4 || size[0] !== x.shape[0] || size[1] !== x.shape[1])
    node.refuse('only images are resized');
  if (node.int('antialias', 0) === 1) node.refuse('antialiasing is not known');
  const to: [number, number] = [size[2], size[3]];
  const coordinates = node.string('coordinate_transformation_mode', 'half_pixel');
  const mode = node.string('mode', 'nearest');
  const whole = to[0] % x.shape[2] === 0 && to[1] % x.shape[3] === 0;
  const rounding = node.string('nearest_mode', 'round_prefer_floor');
  if (mode === 'nearest' && whole && (coordinates !== 'asymmetric' || rounding === 'floor')) {
    return resize2d(x, to, { mode: 'nearest' });
  }
  const centred =
    coordinates === 'half_pixel' || (coordinates === 'pytorch_half_pixel' && Math.min(...to) > 1);
  if (mode === 'linear' && centred) return resize2d(x, to, { mode: 'linear' });
  return node.refuse(`${mode} resizing with ${coordinates} coordinates (${rounding}) is not known`);
}

function batchNormalisation(node: Importing): Value {
  const [x, scale, bias, mean, variance] = node.inputs as Value[];
  const spread = (v: Value): Value => s.reshape(v, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  const gain = e.mul(scale, e.rsqrt(e.add(variance, node.float('epsilon', 1e-5))));
  return e.add(e.mul(e.sub(x, spread(mean)), spread(gain)), spread(bias));
}

function scatter(node: Importing): Value {
  const [base, indices, updates] = node.inputs as Value[];
  const rows = indices.shape.length === 2 && indices.shape[1] === 1 && base.shape.length === 2;
  if (node.string('reduction', 'none') !== 'add' || !rows) node.refuse('only adding rows is known');
  return e.add(base, scatterAddRows(base.shape[0], s.reshape(indices, [-1]), updates));
}

function top(node: Importing): Value[] {
  const { values, indices } = r.topK(node.x, node.list(1)![0], node.int('axis', -1), {
    largest: node.int('largest', 1) === 1,
  });
  return [values, indices];
}

function range(node: Importing): Value {
  const [start, limit, delta] = [0, 1, 2].map((i) => numberOf(node, i)!);
  const n = Math.max(0, Math.ceil((limit - start) / delta));
  const list = Array.from({ length: n }, (_, i) => start + i * delta);
  return constant(hostTensor(typedArray(list, node.x.dtype), [n], node.x.dtype));
}

/** How each ONNX operator is said in the graph language. */
export const importers: Readonly<Record<string, Importer>> = {
  // Exporters merge parameters that happen to be equal, and give the others by Identity: they stay parameters of their own.
  Identity: ({ x, name }) =>
    x.node.tensor && x.node.name !== undefined ? namedConstant(name, x.node.tensor) : x,
  Dropout: ({ x }) => x,
  Constant: (node) => {
    const tensor = node.attribute('value');
    if (tensor) return constant(readTensor(tensor.messages(5)[0]));
    const list = node.ints('value_ints');
    if (list) return ints(list);
    if (node.attribute('value_int')) return constant(node.int('value_int', 0), 'int64');
    if (node.attribute('value_float')) return constant(node.float('value_float', 0));
    return node.refuse('it is neither a tensor nor a number');
  },
  ConstantOfShape: (node) => {
    const tensor = node.attribute('value');
    const value = tensor ? readTensor(tensor.messages(5)[0]) : hostTensor([0], [1]);
    const shape = node.list(0)!;
    if (isFloat(value.dtype)) return full(shape, elementOf(value, 0), value.dtype);
    const list = Array<number>(sizeOf(shape)).fill(elementOf(value, 0));
    return constant(hostTensor(list, shape, value.dtype));
  },
  Shape: ({ x, int }) => ints(x.shape.slice(int('start', 0), int('end', x.shape.length))),
  Range: range,

  Add: arithmetic(e.add),
  Sub: arithmetic(e.sub),
  Mul: arithmetic(e.mul),
  Div: arithmetic(e.div),
  Pow: (node) => {
    const exponent = node.inputs[1]!.node.tensor;
    if (exponent && sizeOf(exponent.shape) === 1) return e.pow(node.x, elementOf(exponent, 0));
    return e.pow(node.x, node.inputs[1]!);
  },
  Min: binary(e.minimum),
  Max: binary(e.maximum),
  Equal: binary(e.equal),
  Less: binary(e.less),
  LessOrEqual: binary(e.lessOrEqual),
  Greater: binary(e.greater),
  GreaterOrEqual: binary(e.greaterOrEqual),
  And: binary(e.and),
  Or: binary(e.or),
  Not: unary(e.not),
  Where: ({ inputs }) => e.where(inputs[0]!, inputs[1]!, inputs[2]!),
  Neg: unary(e.neg),
  Abs: unary(e.abs),
  Sign: unary(e.sign),
  Sqrt: unary(e.sqrt),
  Exp: unary(e.exp),
  Log: unary(e.log),
  Sin: unary(e.sin),
  Cos: unary(e.cos),
  Tanh: unary(e.tanh),
  Sigmoid: unary(e.sigmoid),
  Softplus: unary(e.softplus),
  Erf: unary(e.erf),
  Floor: unary(e.floor),
  Round: unary(e.round),
  Reciprocal: unary(e.reciprocal),
  Relu: unary(e.relu),
  LeakyRelu: (node) => e.leakyRelu(node.x, node.float('alpha', 0.01)),
  Clip: (node) => {
    const [lo, hi] = [numberOf(node, 1), numberOf(node, 2)];
    if (lo === undefined) return hi === undefined ? node.x : e.minimum(node.x, hi);
    return hi === undefined ? e.maximum(node.x, lo) : e.clamp(node.x, lo, hi);
  },
  Cast: (node) => {
    const dtype = dtypeOfCode(node.int('to', 1));
    const data = known(node.x);
    if (!data) return e.cast(node.x, dtype);
    const list = Array.from({ length: sizeOf(data[0].shape) }, (_, i) => elementOf(data[0], i));
    return constant(hostTensor(list, data[0].shape, dtype));
  },

  Reshape: (node) => reshaped(node.x, reshape(node)),
  Flatten: (node) => {
    const axis = node.int('axis', 1);
    return s.reshape(node.x, [sizeOf(node.x.shape.slice(0, axis)), -1]);
  },
  Unsqueeze: (node) => reshaped(node.x, s.unsqueeze(node.x, axesOf(node)!)),
  Squeeze: (node) => {
    const ones = [...node.x.shape.keys()].filter((i) => node.x.shape[i] === 1);
    return reshaped(node.x, s.squeeze(node.x, axesOf(node) ?? ones));
  },
  Transpose: ({ x, ints: list }) => {
    const perm = list('perm') ?? [...x.shape.keys()].toReversed();
    const data = known(x);
    return data ? foldTranspose(data[0], perm) : s.transpose(x, perm);
  },
  Expand: (node) => {
    const shape = node.list(1)!;
    const rank = Math.max(shape.length, node.x.shape.length);
    const grown = Array.from({ length: rank }, (_, i) =>
      Math.max(shape[shape.length - rank + i] ?? 1, node.x.shape[node.x.shape.length - rank + i] ?? 1),
    );
    return s.expand(node.x, grown);
  },
  Tile: (node) => s.tile(node.x, node.list(1)!),
  Concat: (node) => {
    const xs = node.inputs as Value[];
    const axis = normaliseAxis(node.int('axis', 0), xs[0].shape.length, 'Concat');
    const data = known(...xs);
    return data ? foldConcat(data, axis) : s.concat(xs, axis);
  },
  Slice: slice,
  Split: split,
  Pad: pad,
  DepthToSpace: (node) => {
    if (node.string('mode', 'DCR') !== 'CRD') node.refuse('only the CRD order is known');
    return s.depthToSpace(node.x, node.int('blocksize', 1));
  },

  ReduceSum: reduction(r.sum),
  ReduceMean: reduction(r.mean),
  ReduceMax: reduction(r.reduceMax),
  ReduceMin: reduction(r.reduceMin),
  ReduceL2: reduction((x, axes, keep) => e.sqrt(r.sum(e.square(x), axes, keep))),
  CumSum: (node) =>
    r.cumsum(node.x, numberOf(node, 1)!, {
      exclusive: node.int('exclusive', 0) === 1,
      reverse: node.int('reverse', 0) === 1,
    }),
  TopK: top,

  MatMul: binary(matmul),
  Gemm: gemm,
  Softmax: (node) => softmax(node.x, node.int('axis', -1)),
  LogSoftmax: (node) => logSoftmax(node.x, node.int('axis', -1)),
  Conv: (node) => conv2d(node.x, node.inputs[1]!, { ...window(node), bias: node.inputs[2] }),
  ConvTranspose: (node) => {
    if (node.ints('output_shape')) node.refuse('it fixes its output shape');
    const outputPadding = (node.ints('output_padding') ?? [0, 0]) as [number, number];
    return convTranspose2d(node.x, node.inputs[1]!, { ...window(node), bias: node.inputs[2], outputPadding });
  },
  BatchNormalization: batchNormalisation,
  InstanceNormalization: (node) =>
    groupNorm(node.x, node.x.shape[1], node.inputs[1]!, node.inputs[2]!, node.float('epsilon', 1e-5)),
  LayerNormalization: (node) => {
    const axis = normaliseAxis(node.int('axis', -1), node.x.shape.length, 'LayerNormalization');
    if (axis !== node.x.shape.length - 1) node.refuse('only the last axis is normalised');
    return layerNorm(node.x, node.inputs[1]!, node.inputs[2] ?? null, node.float('epsilon', 1e-5));
  },
  Resize: resize,
  AveragePool: (node) => averagePool2d(node.x, blockOf(node)),
  MaxPool: (node) => maxPool2d(node.x, blockOf(node)),
  GlobalAveragePool: ({ x }) => r.mean(x, [2, 3], true),

  Gather: (node) => {
    const axis = normaliseAxis(node.int('axis', 0), node.x.shape.length, 'Gather');
    const data = known(node.x, node.inputs[1]);
    return data ? foldGather(data[0], data[1], axis) : gather(node.x, node.inputs[1]!, axis);
  },
  GatherElements: (node) => gatherElements(node.x, node.inputs[1]!, node.int('axis', 0)),
  ScatterND: scatter,
};
