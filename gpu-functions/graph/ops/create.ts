import { hostTensor, type DType, type Shape, listOf } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import { expand } from './shape.ts';

/** One value everywhere. It costs no memory in the model file. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Value {
  return expand(constant(value, dtype), shape);
}

export function zeros(shape: Shape, dtype: DType = 'float32'): Value {
  return full(shape, 0, dtype);
}

export function ones(shape: Shape, dtype: DType = 'float32'): Value {
  return full(shape, 1, dtype);
}

export function zerosLike(x: Value): Value {
  return full(x.shape, 0, x.dtype);
}

/** 0, 1, …, n − 1. */
export function iota(n: number, dtype: DType = 'float32'): Value {
  return constant(
    hostTensor(
      listOf(n, (i) => i),
      [n],
      dtype,
    ),
  );
}
