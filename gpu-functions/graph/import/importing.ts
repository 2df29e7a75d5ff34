import type { HostTensor } from '../tensor.ts';
import type { Value } from '../value.ts';

/**
 * A node of a model being imported, as opset 18 has it: what older and newer opsets say otherwise has been converted, and what can be
 * computed from small constants has been.
 */
export interface Importing {
  readonly op: string;
  /** The name of the first output. */
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  /** The names of the outputs; empty for those that nobody wants. */
  readonly outputs: readonly string[];
  /** The first input. */
  readonly x: Value;
  /** The data of input i; undefined where it is left out, or not known before the model runs. */
  readonly known: (i: number) => HostTensor | undefined;
  /** The integers of input i; undefined where it is left out. @throws GraphError where they are not known */
  readonly list: (i: number) => number[] | undefined;
  /** The one element of input i; undefined where it is left out. @throws GraphError where it is not known */
  readonly number: (i: number) => number | undefined;
  readonly int: (attribute: string, otherwise: number) => number;
  readonly float: (attribute: string, otherwise: number) => number;
  readonly string: (attribute: string, otherwise: string) => string;
  readonly ints: (attribute: string) => number[] | undefined;
  readonly floats: (attribute: string) => number[] | undefined;
  readonly strings: (attribute: string) => string[] | undefined;
  readonly tensor: (attribute: string) => HostTensor | undefined;
  /** Whether an attribute is given. */
  readonly has: (attribute: string) => boolean;
  /** @throws GraphError that names the node */
  readonly refuse: (why: string) => never;
}

/** How an ONNX operator is said in the graph language: its outputs, in order. */
export type Importer = (node: Importing) => Value | readonly (Value | undefined)[];
export type Importers = Readonly<Record<string, Importer>>;

/** An operator of one operand. */
export const unary =
  (f: (x: Value) => Value): Importer =>
  ({ x }) =>
    f(x);

/** An operator of two operands. */
export const binary =
  (f: (a: Value, b: Value) => Value): Importer =>
  (node) =>
    f(node.x, operand(node, 1));

/** Input i, which must be there. */
export function operand(node: Importing, i: number): Value {
  return node.inputs[i] ?? node.refuse(`it lacks its input ${i}`);
}

/** The axes of input 1, counted as they are given; undefined where all (or, for Squeeze, those of length 1) are meant. */
export function axesOf(node: Importing): number[] | undefined {
  return node.list(1);
}
