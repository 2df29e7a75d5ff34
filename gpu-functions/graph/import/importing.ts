import type { Message } from './protobuf-reader.ts';
import { elementOf, sizeOf, type HostTensor } from '../tensor.ts';
import type { Value } from '../value.ts';

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

/** How an ONNX operator is said in the graph language: its outputs, in order. */
export type Importer = (node: Importing) => Value | readonly Value[];
export type Importers = Readonly<Record<string, Importer>>;

/** The data of small constants that are no parameters, to be computed with at once; undefined for what is left to the graph. */
export function known(...values: (Value | undefined)[]): HostTensor[] | undefined {
  const tensors = values.map((v) => (v?.node.name === undefined ? v?.node.tensor : undefined));
  return tensors.every((t) => t && sizeOf(t.shape) <= 4096) ? (tensors as HostTensor[]) : undefined;
}

/** An operator of one operand. */
export const unary =
  (f: (x: Value) => Value): Importer =>
  ({ x }) =>
    f(x);

/** An operator of two operands. */
export const binary =
  (f: (a: Value, b: Value) => Value): Importer =>
  ({ inputs }) =>
    f(inputs[0]!, inputs[1]!);

/** A one-element input as a number. */
export function numberOf(node: Importing, i: number): number | undefined {
  const v = node.inputs[i];
  if (!v) return undefined;
  return v.node.tensor ? elementOf(v.node.tensor, 0) : node.refuse(`its input ${i} is not constant`);
}

/** The axes, an input in newer opsets and an attribute in older ones. */
export function axesOf(node: Importing): number[] | undefined {
  return node.list(1) ?? node.ints('axes');
}
