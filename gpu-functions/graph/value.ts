import type { Foreign } from './foreign.ts';
import type { GradientRule } from './rules.ts';
import {
  elementOf,
  GraphError,
  hostTensor,
  sameShape,
  sizeOf,
  type DType,
  type HostTensor,
  type Shape,
} from './tensor.ts';

/** An operator's attribute: integer, {float}, string, integers, {floats}, {strings} or a tensor. */
export type Attribute =
  | number
  | { readonly float: number }
  | string
  | readonly number[]
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | HostTensor;
export type Attributes = Readonly<Record<string, Attribute>>;

/** What one iteration of a loop computes, in terms of its locals. */
export interface LoopBody {
  readonly iteration: Value;
  readonly locals: readonly Value[];
  readonly next: readonly Value[];
  readonly outputs: readonly Value[];
}

/**
 * One operator application. `id` grows with creation, so that sorting by it is a topological order.
 * Besides the ONNX operators there are some of our own: Input, Constant, LoopLocal, StopGradient, Differentiated and
 * InFloat32.
 */
export interface Node {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** Constant: its data. */
  readonly tensor?: HostTensor;
  /** Input: the feed's name. Constant: that of the parameter it stands for, if any. */
  readonly name?: string;
  /** Loop: its body. */
  readonly body?: LoopBody;
  /** LoopLocal: an object that stands for the loop it belongs to. */
  readonly scope?: object;
  /** Differentiated: how its gradient is taken. */
  readonly rule?: GradientRule;
  /** Taken over whole from a model file: what it has besides. */
  readonly foreign?: Foreign;
}

/** One output of a node: immutable, with static dtype and shape. */
export class Value {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly node: Node;
  readonly index: number;

  constructor(dtype: DType, shape: Shape, node: Node, index: number) {
    this.dtype = dtype;
    this.shape = shape;
    this.node = node;
    this.index = index;
  }
}

/** A value, or a number that becomes a scalar constant of the other side's dtype. */
export type Arg = Value | number;

let nodes = 0;

/** Make a node with the given output types. */
export function makeNode(
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Attributes,
  outputs: readonly { dtype: DType; shape: Shape }[],
  extra: Pick<Node, 'tensor' | 'name' | 'body' | 'scope' | 'rule' | 'foreign'> = {},
): Node {
  const values: Value[] = [];
  const node: Node = { id: nodes++, op, inputs, attributes, outputs: values, ...extra };
  for (const [i, { dtype, shape }] of outputs.entries()) {
    if (shape.some((d) => !Number.isInteger(d) || d < 0)) {
      throw new GraphError(`${op} would give the impossible shape [${shape.join(', ')}]`);
    }
    values.push(new Value(dtype, shape, node, i));
  }
  return node;
}

/** Make a node with one output, and give that. */
export function makeValue(
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Attributes,
  shape: Shape,
  dtype: DType,
  extra?: Pick<Node, 'tensor' | 'name' | 'body' | 'scope' | 'rule' | 'foreign'>,
): Value {
  return makeNode(op, inputs, attributes, [{ dtype, shape }], extra).outputs[0];
}

/** A graph input, fed by name. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
  return makeValue('Input', [], {}, shape, dtype, { name });
}

/** A constant, kept by reference; a number becomes a scalar (float32 unless a dtype is given). */
export function constant(value: HostTensor | number, dtype: DType = 'float32'): Value {
  const tensor = typeof value === 'number' ? hostTensor([value], [], dtype) : value;
  return makeValue('Constant', [], {}, tensor.shape, tensor.dtype, { tensor });
}

/** A constant that stands for a parameter: never folded into an operation, so that gradients with respect to it are right. */
export function namedConstant(name: string, tensor: HostTensor): Value {
  return makeValue('Constant', [], {}, tensor.shape, tensor.dtype, { tensor, name });
}

/** A constant int64 vector. */
export function ints(list: readonly number[]): Value {
  return constant(hostTensor(list, [list.length], 'int64'));
}

/** A number as a scalar constant of the dtype of `like`; values pass. */
export function asValue(arg: Arg, like: Arg): Value {
  if (arg instanceof Value) return arg;
  return constant(arg, like instanceof Value ? like.dtype : 'float32');
}

/** The integers of a constant vector, as operators take them for axes, shapes and pads. */
export function constantInts(value: Value | null | undefined): number[] {
  const tensor = value?.node.tensor;
  if (!tensor) throw new GraphError('expected a constant list of integers');
  return Array.from({ length: sizeOf(tensor.shape) }, (_, i) => elementOf(tensor, i));
}

/** The number all elements are known to have (a one-element constant, or one expanded or reshaped), else undefined. */
export function uniformValue(value: Value): number | undefined {
  let v = value;
  while (v.node.op === 'Expand' || v.node.op === 'Reshape') v = v.node.inputs[0]!;
  const tensor = v.node.tensor;
  const plain = tensor && v.node.name === undefined && sizeOf(tensor.shape) === 1;
  return plain ? elementOf(tensor, 0) : undefined;
}

/** The data of a value that has the same number everywhere, if that is known and there are not more than `most` elements. */
export function uniformTensor(value: Value, most: number): HostTensor | undefined {
  const size = sizeOf(value.shape);
  const element = size <= most ? uniformValue(value) : undefined;
  return element === undefined
    ? undefined
    : hostTensor(Array<number>(size).fill(element), value.shape, value.dtype);
}

/** What nodes are called in the file they come from. */
const names = new WeakMap<Node, string>();

/** Say what a value is called where it comes from, for messages; the first name stays. */
export function nameValue({ node }: Value, name: string): void {
  if (!names.has(node)) names.set(node, name);
}

/** An operator as messages name it: with its name, where it has one. */
export function describeNode(node: Node): string {
  const name = names.get(node) ?? node.name;
  return name === undefined ? node.op : `${node.op} '${name}'`;
}

/** The shape two operands broadcast to (numpy rules). */
export function broadcastShape(a: Shape, b: Shape, op = 'broadcast'): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new GraphError(`${op}: the shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    }
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** An axis counted from the front. */
export function normaliseAxis(axis: number, rank: number, op: string): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(a) || a < 0 || a >= rank)
    throw new GraphError(`${op}: no axis ${axis} in rank ${rank}`);
  return a;
}
