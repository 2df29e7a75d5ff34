import { isFloat, type DType, type HostTensor } from '../../tensor.ts';
import { broadcastShape } from '../../value.ts';
import type { Importing } from '../importing.ts';
import { dtypeOfCode } from '../tensor-reader.ts';
import { broadcastSource, build, elementAt, type Element } from './elements.ts';
import type { Folders, Folder } from './fold.ts';

/** An operation on numbers, and on the bigints of int64. */
interface Operation {
  readonly number: (a: number, b: number) => number;
  readonly bigint: (a: bigint, b: bigint) => bigint;
}

const arithmetic: Readonly<Record<string, Operation>> = {
  Add: { number: (a, b) => a + b, bigint: (a, b) => a + b },
  Sub: { number: (a, b) => a - b, bigint: (a, b) => a - b },
  Mul: { number: (a, b) => a * b, bigint: (a, b) => a * b },
  Div: { number: (a, b) => a / b, bigint: (a, b) => a / b },
  Pow: { number: (a, b) => a ** b, bigint: (a, b) => (b < 0n ? 0n : a ** (b < 64n ? b : 64n)) },
  Min: { number: Math.min, bigint: (a, b) => (a < b ? a : b) },
  Max: { number: Math.max, bigint: (a, b) => (a > b ? a : b) },
};

const comparisons: Readonly<Record<string, (a: Element, b: Element) => boolean>> = {
  Equal: (a, b) => a === b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  And: (a, b) => Boolean(a) && Boolean(b),
  Or: (a, b) => Boolean(a) || Boolean(b),
  Xor: (a, b) => Boolean(a) !== Boolean(b),
};

const roundEven = (v: number): number => {
  const near = Math.round(v);
  return near - v === 0.5 && near % 2 !== 0 ? near - 1 : near;
};

const ofNumbers: Readonly<Record<string, (v: number) => number>> = {
  Ceil: Math.ceil,
  Floor: Math.floor,
  Round: roundEven,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Reciprocal: (v) => 1 / v,
};

const ofElements: Readonly<Record<string, (v: Element) => Element>> = {
  Neg: (v) => -v,
  Abs: (v) => (v < 0 ? -v : v),
  Sign: (v) => (typeof v === 'bigint' ? BigInt(Number(v > 0n) - Number(v < 0n)) : Math.sign(v)),
};

function broadcast(
  a: HostTensor,
  b: HostTensor,
  op: string,
  dtype: DType,
  f: (a: Element, b: Element) => Element,
): HostTensor | undefined {
  const shape = broadcastShape(a.shape, b.shape, op);
  const [fromA, fromB] = [broadcastSource(a.shape, shape), broadcastSource(b.shape, shape)];
  return build(dtype, shape, (i) => f(elementAt(a, fromA(i)), elementAt(b, fromB(i))));
}

function calculate(node: Importing, a: HostTensor, b: HostTensor): HostTensor | undefined {
  if (node.op === 'Pow' && b.dtype !== a.dtype) return undefined;
  if (a.dtype !== b.dtype) node.refuse(`it mixes ${a.dtype} and ${b.dtype}`);
  const { number, bigint } = arithmetic[node.op];
  const whole = !isFloat(a.dtype);
  return broadcast(a, b, node.op, a.dtype, (p, q) => {
    if (whole && node.op === 'Div' && Number(q) === 0) node.refuse('it divides an integer by zero');
    if (typeof p === 'bigint' && typeof q === 'bigint') return bigint(p, q);
    const [x, y] = [Number(p), Number(q)];
    // The product of two int32 may need more bits than a number has.
    return whole && node.op === 'Mul' ? Math.imul(x, y) : number(x, y);
  });
}

/** Operators of any number of operands: from left to right. */
const variadic: Folder = (node, inputs) => {
  let result: HostTensor | undefined = inputs[0];
  for (const next of inputs.slice(1)) {
    if (!result || !next) return undefined;
    result = calculate(node, result, next);
  }
  return result;
};

/** The remainder with the sign of the divisor, or with that of the dividend, like C's fmod. */
const modulo: Folder = (node, [a, b]) => {
  const whole = !isFloat(a!.dtype);
  const floored = node.int('fmod', 0) === 0;
  return broadcast(a!, b!, 'Mod', a!.dtype, (p, q) => {
    if (whole && Number(q) === 0) node.refuse('it divides an integer by zero');
    if (typeof p === 'bigint' && typeof q === 'bigint') {
      const rest = p % q;
      return floored && rest !== 0n && rest < 0n !== q < 0n ? rest + q : rest;
    }
    const [rest, divisor] = [Number(p) % Number(q), Number(q)];
    return floored && rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
  });
};

const clip: Folder = (_, [x, lo, hi]) =>
  build(x!.dtype, x!.shape, (i) => {
    let v = elementAt(x!, i);
    if (lo && v < elementAt(lo, 0)) v = elementAt(lo, 0);
    if (hi && v > elementAt(hi, 0)) v = elementAt(hi, 0);
    return v;
  });

const where: Folder = (node, [condition, a, b]) => {
  if (a!.dtype !== b!.dtype) node.refuse(`it mixes ${a!.dtype} and ${b!.dtype}`);
  const both = broadcastShape(a!.shape, b!.shape, 'Where');
  const shape = broadcastShape(condition!.shape, both, 'Where');
  const [c, p, q] = [condition!, a!, b!].map((t) => broadcastSource(t.shape, shape));
  return build(a!.dtype, shape, (i) =>
    elementAt(condition!, c(i)) ? elementAt(a!, p(i)) : elementAt(b!, q(i)),
  );
};

const each =
  (f: (v: Element) => Element, dtype?: DType): Folder =>
  (_, [x]) =>
    build(dtype ?? x!.dtype, x!.shape, (i) => f(elementAt(x!, i)));

const mapped = <T>(table: Readonly<Record<string, T>>, folder: (entry: T) => Folder): Folders =>
  Object.fromEntries(Object.entries(table).map(([op, entry]) => [op, folder(entry)]));

/** Arithmetic, comparison and logic. */
export const arithmeticFolders: Folders = {
  ...mapped(arithmetic, () => variadic),
  ...mapped(
    comparisons,
    (f): Folder =>
      (node, [a, b]) =>
        broadcast(a!, b!, node.op, 'bool', (p, q) => (f(p, q) ? 1 : 0)),
  ),
  ...mapped(ofNumbers, (f) => each((v) => f(Number(v)))),
  ...mapped(ofElements, (f) => each(f)),
  Not: each((v) => (v ? 0 : 1), 'bool'),
  Mod: modulo,
  Clip: clip,
  Where: where,
  Cast: (node, [x]) => {
    const dtype = dtypeOfCode(node.int('to', 1));
    return build(dtype, x!.shape, (i) => elementAt(x!, i));
  },
  CastLike: (_, [x, like]) => build(like!.dtype, x!.shape, (i) => elementAt(x!, i)),
};
