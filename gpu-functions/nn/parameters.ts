import { cast, constant, hostTensor, input, sizeOf } from '../graph/index.ts';
import type { HostTensor, Shape, Value } from '../graph/index.ts';
import { dequantised } from './quantised.ts';
import { Random } from './random.ts';

/** How a parameter starts when it is trained from scratch. */
export type Init =
  | { kind: 'zeros' }
  | { kind: 'ones' }
  | { kind: 'constant'; value: number }
  | { kind: 'normal'; std: number }
  | { kind: 'uniform'; bound: number };

/** Weights by name; names are those of the state dict that a network publishes. */
export type WeightMap = Map<string, HostTensor>;

export interface ParameterSpec {
  name: string;
  shape: Shape;
  init: Init;
}

/**
 * Where a network gets its parameters from. A network is a function of `Parameters` and inputs; whether a
 * parameter is a constant, a trained input or only written down is the caller's choice.
 */
export interface Parameters {
  /** The parameter of this name below the current prefix. @throws Error on an unknown name or another shape. */
  get(name: string, shape: Shape, init?: Init): Value;
  /** The parameters below `prefix.`. */
  at(prefix: string): Parameters;
}

const ZEROS: Init = { kind: 'zeros' };

function scoped(lookup: (name: string, shape: Shape, init: Init) => Value, prefix = ''): Parameters {
  return {
    get: (name, shape, init = ZEROS) => lookup(prefix + name, shape, init),
    at: (inner) => scoped(lookup, `${prefix}${inner}.`),
  };
}

function checkShape(name: string, found: Shape, wanted: Shape): void {
  if (found.length !== wanted.length || found.some((n, i) => n !== wanted[i])) {
    throw new Error(
      `The weight '${name}' has shape [${found.join(', ')}] but the model's configuration asks for ` +
        `[${wanted.join(', ')}]; use weights made for this configuration.`,
    );
  }
}

/** Weights as constants of the graph (inference); float16 and 8 bits are widened to float32 once, when the session is made. */
export function storedParameters(stored: WeightMap): Parameters {
  const has8Bits = [...stored.values()].some(({ dtype }) => dtype === 'int8');
  const weights = has8Bits ? dequantised(stored) : stored;
  const made = new Map<string, Value>();
  return scoped((name, shape) => {
    const known = made.get(name);
    if (known) return known;
    const weight = weights.get(name);
    if (!weight)
      throw new Error(`The weights have no tensor '${name}'; use weights made for this configuration.`);
    checkShape(name, weight.shape, shape);
    const value = weight.dtype === 'float16' ? cast(constant(weight), 'float32') : constant(weight);
    made.set(name, value);
    return value;
  });
}

/** Parameters as float32 graph inputs `prefix + name`, to be trained or fed; `leaves` lists them by name without the prefix. */
export function leafParameters(prefix = ''): Parameters & { leaves: Map<string, Value> } {
  const leaves = new Map<string, Value>();
  const parameters = scoped((name, shape) => {
    const known = leaves.get(name);
    if (known) {
      checkShape(name, known.shape, shape);
      return known;
    }
    const leaf = input(prefix + name, shape);
    leaves.set(name, leaf);
    return leaf;
  });
  return { ...parameters, leaves };
}

/** Parameters given as graph values, such as the state carried by a training loop. */
export function givenParameters(values: Map<string, Value>): Parameters {
  return scoped((name, shape) => {
    const value = values.get(name);
    if (!value) throw new Error(`No value was given for the parameter '${name}'.`);
    checkShape(name, value.shape, shape);
    return value;
  });
}

/** Runs `build` once to learn which parameters it asks for, in order. Nothing is computed. */
export function traceParameters(build: (parameters: Parameters) => unknown): ParameterSpec[] {
  const specs = new Map<string, ParameterSpec>();
  const values = new Map<string, Value>();
  build(
    scoped((name, shape, init) => {
      const known = specs.get(name);
      if (known) {
        checkShape(name, known.shape, shape);
        return values.get(name)!;
      }
      specs.set(name, { name, shape, init });
      const value = input(name, shape);
      values.set(name, value);
      return value;
    }),
  );
  return [...specs.values()];
}

/** Starting weights by the specs' initialisers; each tensor's draw depends only on the seed and its name. */
export function initialise(specs: readonly ParameterSpec[], seed: number): WeightMap {
  const random = new Random(seed);
  return new Map(specs.map((spec) => [spec.name, initialTensor(spec, random.fork(spec.name))]));
}

function initialTensor({ shape, init }: ParameterSpec, random: Random): HostTensor {
  const count = sizeOf(shape);
  switch (init.kind) {
    case 'zeros':
      return hostTensor(new Float32Array(count), shape);
    case 'ones':
      return hostTensor(new Float32Array(count).fill(1), shape);
    case 'constant':
      return hostTensor(new Float32Array(count).fill(init.value), shape);
    case 'normal':
      return hostTensor(random.normals(count, init.std), shape);
    case 'uniform':
      return hostTensor(
        random.uniforms(count).map((x) => (2 * x - 1) * init.bound),
        shape,
      );
  }
}
