import { simpleRule } from '../rules.ts';
import { GraphError } from '../tensor.ts';
import { asValue, constantInts, ints, makeValue, normaliseAxis, type Value } from '../value.ts';
import { add, sub } from './elementwise.ts';
import { sum } from './reduce.ts';
import { concat, flip, slice, sliceAxes } from './shape.ts';

/** What stands around a tensor: its mirror image without the edge itself, its edge, or its other side. */
export type Border = 'reflect' | 'edge' | 'wrap';

function requirePads(x: Value, begins: readonly number[], ends: readonly number[]): void {
  if (begins.length !== x.shape.length || ends.length !== x.shape.length) {
    throw new GraphError(`pad: [${x.shape.join(', ')}] needs ${x.shape.length} begins and ends`);
  }
  if ([...begins, ...ends].some((p) => p < 0)) throw new GraphError('pad: negative padding; use slice');
}

/** Put `begins[i]` and `ends[i]` elements of `value` before and after axis i. */
export function pad(
  x: Value,
  begins: readonly number[],
  ends: readonly number[],
  value: Value | number = 0,
): Value {
  requirePads(x, begins, ends);
  if ([...begins, ...ends].every((p) => p === 0)) return x;
  const shape = x.shape.map((d, i) => d + begins[i] + ends[i]);
  return makeValue(
    'Pad',
    [x, ints([...begins, ...ends]), asValue(value, x)],
    { mode: 'constant' },
    shape,
    x.dtype,
  );
}

/** Put `begins[i]` and `ends[i]` elements before and after axis i that continue x itself. */
export function padBorder(
  x: Value,
  begins: readonly number[],
  ends: readonly number[],
  border: Border,
): Value {
  requirePads(x, begins, ends);
  if ([...begins, ...ends].every((p) => p === 0)) return x;
  if (border === 'wrap') return [...x.shape.keys()].reduce((y, i) => wrapped(y, i, begins[i], ends[i]), x);
  // A mirror shows no more than the axis itself: what is wider takes several.
  const room = x.shape.map((d) => (border === 'reflect' ? d - 1 : Number.POSITIVE_INFINITY));
  const now = (pads: readonly number[]): number[] => pads.map((p, i) => Math.min(p, room[i]));
  const [before, after] = [now(begins), now(ends)];
  if ([...before, ...after].every((p) => p === 0)) {
    throw new GraphError(`pad: an axis of length 1 in [${x.shape.join(', ')}] has no mirror image`);
  }
  const shape = x.shape.map((d, i) => d + before[i] + after[i]);
  const padded = makeValue('Pad', [x, ints([...before, ...after])], { mode: border }, shape, x.dtype);
  return padBorder(
    padded,
    begins.map((p, i) => p - before[i]),
    ends.map((p, i) => p - after[i]),
    border,
  );
}

/** How often an axis may be continued by itself. */
const MOST_TURNS = 1000;

/** One axis continued by its other side. (Pad has this mode only since opset 19.) */
function wrapped(x: Value, axis: number, begin: number, end: number): Value {
  const n = x.shape[axis];
  if (begin + end > MOST_TURNS * n) {
    throw new GraphError(
      `pad: ${n} elements would be repeated more than ${MOST_TURNS} times; give smaller pads`,
    );
  }
  const parts: Value[] = [];
  for (let at = -begin; at < n + end;) {
    const start = ((at % n) + n) % n;
    const length = Math.min(n - start, n + end - at);
    parts.push(slice(x, axis, start, start + length));
    at += length;
  }
  return concat(parts, axis);
}

/** The adjoint of one axis's border: what stood there goes back to where it came from. */
function foldBorder(g: Value, axis: number, begin: number, end: number, border: Border): Value {
  const a = normaliseAxis(axis, g.shape.length, 'pad');
  const n = g.shape[a] - begin - end;
  const put = (part: Value, at: number): Value => {
    const none = g.shape.map(() => 0);
    return pad(part, none.with(a, at), none.with(a, n - at - part.shape[a]));
  };
  const back = (part: Value, at: number, edge: number): Value =>
    border === 'edge' ? put(sum(part, [a], true), edge) : put(flip(part, [a]), at);
  let out = slice(g, a, begin, begin + n);
  if (begin > 0) out = add(out, back(slice(g, a, 0, begin), 1, 0));
  if (end > 0) out = add(out, back(slice(g, a, begin + n, begin + n + end), n - 1 - end, n - 1));
  return out;
}

simpleRule('Pad', (g, [x, pads, value], _, node) => {
  const begins = constantInts(pads).slice(0, x.shape.length);
  const ends = constantInts(pads).slice(x.shape.length);
  const axes = [...x.shape.keys()];
  const inner = (): Value =>
    sliceAxes(
      g,
      axes,
      begins,
      begins.map((b, i) => b + x.shape[i]),
    );
  const { mode } = node.attributes;
  if (mode === 'constant') return [inner, null, value ? () => sub(sum(g), sum(inner())) : null];
  return [() => axes.reduce((y, a) => foldBorder(y, a, begins[a], ends[a], mode as Border), g), null];
});
