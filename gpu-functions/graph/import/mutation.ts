/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Mulberry32: a small generator of uniform numbers with a seed. */
export function uniform(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (n: number, random: Random): number => Math.floor(random() * n);
const oneOf = <T>(list: readonly T[], random: Random): T => list[below(list.length, random)];

/** A field of a message: its key, and where its value lies. */
interface Place {
  readonly start: number;
  readonly value: number;
  readonly end: number;
  readonly wire: number;
}

function varintAt(bytes: Uint8Array, at: number): { value: number; end: number } {
  let [value, scale, end] = [0, 1, at];
  for (; end < bytes.length; scale *= 128) {
    const byte = bytes[end++];
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end };
  }
  return { value: Infinity, end };
}

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let v = BigInt.asUintN(64, value);
  for (; v >= 128n; v >>= 7n) out.push(Number(v & 127n) | 128);
  out.push(Number(v));
  return Uint8Array.from(out);
}

/** The fields of a message; undefined where the bytes are none. */
function fieldsOf(bytes: Uint8Array): Place[] | undefined {
  const places: Place[] = [];
  for (let at = 0; at < bytes.length;) {
    const key = varintAt(bytes, at);
    const wire = key.value % 8;
    const length = wire === 2 ? varintAt(bytes, key.end) : undefined;
    const value = length?.end ?? key.end;
    const end = length
      ? value + length.value
      : wire === 0
        ? varintAt(bytes, value).end
        : value + (wire === 1 ? 8 : 4);
    if (![0, 1, 2, 5].includes(wire) || end > bytes.length) return undefined;
    places.push({ start: at, value, end, wire });
    at = end;
  }
  return places;
}

/** Numbers at the edges of what sizes, lengths and kinds may be. */
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  7n,
  127n,
  255n,
  65536n,
  2n ** 31n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n - 1n,
  -1n,
  -2n,
  -(2n ** 31n),
  -(2n ** 63n),
];

/** A message in which one field, perhaps of a message in it, is another, is gone, or is there twice. All lengths are right. */
export function mutateField(bytes: Uint8Array, random: Random): Uint8Array {
  const places = fieldsOf(bytes);
  if (!places || places.length === 0) return mutateBytes(bytes, [bytes], random);
  // Mostly by their lengths: most of a model is in few of its fields.
  const middle = below(bytes.length, random);
  const weighted = places.find((p) => middle < p.end)!;
  const { start, value, end, wire } = random() < 0.7 ? weighted : oneOf(places, random);
  const [before, field, after] = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)];
  const key = field.subarray(0, varintAt(field, 0).end);
  const choice = random();
  if (choice < 0.06) return Buffer.concat([before, after]);
  if (choice < 0.1) return Buffer.concat([before, field, field, after]);
  if (wire === 0) return Buffer.concat([before, key, varint(oneOf(EDGES, random)), after]);
  const changed = mutateField(bytes.subarray(value, end), random);
  if (wire !== 2) return Buffer.concat([before, key, changed.slice(0, end - value), after]);
  return Buffer.concat([before, key, varint(BigInt(changed.length)), changed, after]);
}

/** Bytes of which some are flipped, lost, from elsewhere, or a number that is another; lengths are wrong then. */
export function mutateBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(below(256, random));
  const at = below(bytes.length, random);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (below(6, random)) {
    case 0:
      return bytes.with(at, bytes[at] ^ (1 << below(8, random)));
    case 1:
      return bytes.with(at, oneOf([0, 1, 127, 128, 255], random));
    case 2:
      return before;
    case 3: {
      const other = oneOf(others, random);
      const from = below(other.length, random);
      return Buffer.concat([before, other.subarray(from, from + below(64, random)), after]);
    }
    case 4: {
      const number = varint(oneOf(EDGES, random));
      return Buffer.concat([before, number, after.subarray(Math.min(number.length, after.length))]);
    }
    default:
      return Buffer.concat([before, after.subarray(below(32, random))]);
  }
}

/** One of some files after it has suffered: fields changed, or bytes, once or several times. */
export function mutated(files: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = oneOf(files, random);
  for (let n = 1 + below(3, random); n > 0 && bytes.length > 0; n--) {
    bytes = random() < 0.75 ? mutateField(bytes, random) : mutateBytes(bytes, files, random);
  }
  return bytes;
}
