import type { Attributes } from '../../gpu-functions/graph/value.ts';
import type { HostTensor, Shape } from '../../gpu-functions/graph/index.ts';

/** An argument that is moved: its shape, and where its values lie if not on the grid of all others. */
export interface Moved {
  readonly shape: Shape;
  readonly at?: (i: number) => number;
}

/** One form of an ONNX operator, to be compared with ONNX Runtime's own. */
export interface OperatorCase {
  readonly op: string;
  /** What is particular about this form. */
  readonly form: string;
  /** Moved arguments, fixed ones (initializers), or none. */
  readonly inputs: readonly (Moved | HostTensor | null)[];
  readonly attributes?: Attributes;
  /** How many outputs the node has (1). */
  readonly outputs?: number;
  /** 18 unless the form is older or newer. */
  readonly opset?: number;
  /** Whether gradients flow: not through what is locally constant. */
  readonly gradient?: boolean;
  /** Whether the second derivative is checked; left out for forms that are linear or have none. */
  readonly second?: boolean;
}

/** An argument on the grid: its values lie at least 1/24 from each other (for 48 neighbours) and 1/48 from zero, so that nothing is at a kink. */
export function x(...shape: number[]): Moved {
  return { shape };
}

/** An argument with values of its own. */
export function valued(shape: Shape, at: (i: number) => number): Moved {
  return { shape, at };
}

/** An argument in (½, 1½). */
export function positive(...shape: number[]): Moved {
  return { shape, at: (i) => 0.5 + ((i * 0.37) % 1) };
}
