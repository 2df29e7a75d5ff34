import { cast, constant, pow, sub, zeros, type Arg, type Value } from '../graph/index.ts';

/** Named tensors of a graph: parameters, their gradients, their moments. */
export type Values = Record<string, Value>;

/** Apply a function to every named value. */
export function mapValues(values: Values, f: (value: Value, name: string) => Value): Values {
  return Object.fromEntries(Object.entries(values).map(([name, v]) => [name, f(v, name)]));
}

/** Zeros of the shapes of the given values. */
export function zerosOf(values: Values): Values {
  return mapValues(values, (v) => zeros(v.shape, v.dtype));
}

/** 1 − βᵏ for a float32 step count k, in double precision: near k = 1 the difference would lose most of float32's digits. */
export function biasCorrection(beta: number, step: Value): Value {
  return cast(sub(constant(1, 'float64'), pow(constant(beta, 'float64'), cast(step, 'float64'))), 'float32');
}

/** The gradient of a parameter. @throws Error where there is none */
export function gradientOf(grads: Values, name: string): Value {
  const g = grads[name];
  if (!g) throw new Error(`No gradient was given for the parameter '${name}'.`);
  return g;
}

/** One learning rate for all parameters, or one for each by name. */
export type LearningRate = Arg | Readonly<Record<string, Arg>>;
