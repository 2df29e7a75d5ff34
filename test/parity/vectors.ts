import { readFileSync } from 'node:fs';
import {
  float32,
  hostTensor,
  input,
  reshape,
  sizeOf,
  type HostTensor,
  type Value,
} from '../../gpu-functions/graph/index.ts';
import type { Parameters } from '../../gpu-functions/nn/index.ts';
import { storedParameters } from '../../gpu-functions/nn/index.ts';
import { readNpz } from '../../gpu-functions/weights/npz.ts';

/** Largest error relative to the largest magnitude that each kind of vector may have. */
export const TOLERANCE = { op: 1e-5, level: 1e-4, image: 1e-3, gradient: 1e-3 } as const;
export type Kind = keyof typeof TOLERANCE;

/** A recorded vector and what this code makes of it: a value to evaluate or a finished tensor. */
export interface Check {
  name: string;
  kind: Kind;
  found: Value | HostTensor;
}

/** A recorded vector that is not compared, and why. */
export interface Skip {
  name: string;
  reason: string;
}

/** The arrays of an .npz file, with a record of which were read as inputs or weights. */
export class Vectors {
  readonly used = new Set<string>();
  readonly tensors: Map<string, HostTensor>;
  private readonly inputs = new Map<string, Value>();

  constructor(path: string) {
    this.tensors = readNpz(readFileSync(path));
  }

  get names(): string[] {
    return [...this.tensors.keys()];
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** A recorded tensor without marking it as an input. @throws Error where the file lacks it */
  recorded(name: string): HostTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`The file has no array '${name}'.`);
    return tensor;
  }

  /** An input as a float32 value of the graph, to be fed: as a constant, everything would be folded when a session is made. */
  input(name: string, shape?: readonly number[]): Value {
    this.used.add(name);
    const tensor = this.recorded(name);
    const known = this.inputs.get(name) ?? input(name, tensor.shape);
    this.inputs.set(name, known);
    return shape ? reshape(known, shape) : known;
  }

  /** What the graph's input of this name is fed. */
  feed(name: string): HostTensor {
    const tensor = this.recorded(name);
    return hostTensor(float32(tensor), tensor.shape);
  }

  /** The arrays below a prefix as parameters; those that are read count as used. */
  parameters(prefix = ''): Parameters {
    const below = new Map<string, HostTensor>();
    for (const [name, tensor] of this.tensors) {
      if (name.startsWith(prefix)) below.set(name.slice(prefix.length), tensor);
    }
    const recording = (p: Parameters, at: string): Parameters => ({
      get: (name, shape, init) => {
        this.used.add(at + name);
        return p.get(name, shape, init);
      },
      at: (inner) => recording(p.at(inner), `${at}${inner}.`),
    });
    return recording(storedParameters(below), prefix);
  }
}

/** Largest absolute difference over the largest recorded magnitude; infinite where shapes hold different numbers of elements or NaNs appear. */
export function relativeError(found: HostTensor, recorded: HostTensor): number {
  if (sizeOf(found.shape) !== sizeOf(recorded.shape)) return Infinity;
  const [a, b] = [float32(found), float32(recorded)];
  let [worst, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return worst === 0 ? 0 : worst / (largest || 1);
}
