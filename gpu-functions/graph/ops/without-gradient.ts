import { noGradient } from '../rules.ts';
import { GraphError, type Shape } from '../tensor.ts';
import { asValue, broadcastShape, makeValue, normaliseAxis, type Value } from '../value.ts';
import { add, equal, less, where } from './elementwise.ts';
import { iota } from './create.ts';
import { reshape, unsqueeze } from './shape.ts';

/** Operators whose value is locally constant or not a number to be differentiated. */

/** Up to the next integer. */
export function ceil(x: Value): Value {
  return makeValue('Ceil', [x], {}, x.shape, x.dtype);
}

export function isNaN(x: Value): Value {
  return makeValue('IsNaN', [x], {}, x.shape, 'bool');
}

/** Whether an element is +∞ or −∞, or only the one asked for. */
export function isInf(x: Value, { positive = true, negative = true } = {}): Value {
  const attributes = { detect_positive: positive ? 1 : 0, detect_negative: negative ? 1 : 0 };
  return makeValue('IsInf', [x], attributes, x.shape, 'bool');
}

/** An operator on integers or truth values that broadcasts: Xor, BitwiseAnd, BitwiseOr, BitwiseXor, BitShift, Mod. */
export function integerOperation(
  op: string,
  a: Value,
  b: Value,
  attributes: Record<string, string | number> = {},
): Value {
  if (a.dtype !== b.dtype)
    throw new GraphError(`${op}: ${a.dtype} and ${b.dtype} do not mix; cast one of them`);
  return makeValue(op, [a, b], attributes, broadcastShape(a.shape, b.shape, op), a.dtype);
}

/** Every bit turned over. */
export function bitwiseNot(x: Value): Value {
  return makeValue('BitwiseNot', [x], {}, x.shape, x.dtype);
}

function extreme(op: string) {
  return (x: Value, axis: number, { keep = true, last = false } = {}): Value => {
    const a = normaliseAxis(axis, x.shape.length, op);
    const shape: Shape = keep ? x.shape.with(a, 1) : x.shape.toSpliced(a, 1);
    const attributes = { axis: a, keepdims: keep ? 1 : 0, select_last_index: last ? 1 : 0 };
    return makeValue(op, [x], attributes, shape, 'int64');
  };
}
/** The place of the largest along an axis, the first (or last) of equal ones. */
export const argMax = extreme('ArgMax');
/** The place of the smallest along an axis, the first (or last) of equal ones. */
export const argMin = extreme('ArgMin');

/** 1 at the first of the largest along an axis, 0 elsewhere. */
export function hardmax(x: Value, axis = -1): Value {
  const a = normaliseAxis(axis, x.shape.length, 'hardmax');
  return makeValue('Hardmax', [x], { axis: a }, x.shape, x.dtype);
}

/** A new axis of length `depth`: `on` at the index (negative ones count from the end), `off` elsewhere. */
export function oneHot(indices: Value, depth: number, on: Value, off: Value, axis = -1): Value {
  const rank = indices.shape.length + 1;
  const a = normaliseAxis(axis, rank, 'oneHot');
  const counted = where(less(indices, 0), add(indices, depth), indices);
  const places = reshape(
    iota(depth, indices.dtype),
    Array.from({ length: rank }, (_, i) => (i === a ? depth : 1)),
  );
  return where(equal(unsqueeze(counted, [a]), places), asValue(on, off), off);
}

noGradient(
  'Ceil',
  'IsNaN',
  'IsInf',
  'Xor',
  'BitwiseAnd',
  'BitwiseOr',
  'BitwiseXor',
  'BitwiseNot',
  'BitShift',
);
noGradient('ArgMax', 'ArgMin', 'Hardmax');
