import { GraphError } from '../tensor.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** How a field is encoded: varint, 8 bytes, length-delimited, 4 bytes. */
type Wire = 0 | 1 | 2 | 5;

/** One occurrence of a field. Varints past 2⁵³ are bigints; bytes are views into the message. */
interface Field {
  readonly wire: Wire;
  readonly value: number | bigint | Uint8Array;
}

/** More fields than this make no real message; a file of junk would otherwise cost a hundred times its size. */
const MOST_FIELDS = 1 << 22;

class Cursor {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** An unsigned varint of at most ten bytes. */
  varint(): number | bigint {
    let value = 0;
    let scale = 1;
    // Seven bytes make 49 bits, which a number holds exactly.
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    let long = BigInt(value);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      long |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, long);
    }
    throw new GraphError('the model file is damaged: a number in it is longer than 64 bits');
  }

  take(n: number): Uint8Array {
    if (n > this.bytes.length - this.at) throw truncated();
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw truncated();
    return this.bytes[this.at++];
  }
}

const truncated = (): GraphError =>
  new GraphError('the model file ends in the middle of a field; fetch it again');
const damaged = (): GraphError =>
  new GraphError('the model file is damaged: a field in it is of the wrong kind; fetch it again');

/** A protobuf message: all values of each field, decoded when asked for. */
export class Message {
  private readonly fields = new Map<number, Field[]>();

  /** @throws GraphError where the bytes are no message */
  constructor(bytes: Uint8Array) {
    const cursor = new Cursor(bytes);
    for (let count = 0; !cursor.done; count++) {
      if (count >= MOST_FIELDS) throw new GraphError('the model file is damaged: a message in it never ends');
      const key = Number(cursor.varint());
      const number = Math.floor(key / 8);
      const wire = (key % 8) as Wire;
      if (number < 1 || number > 0x1fffffff || ![0, 1, 2, 5].includes(wire)) {
        throw new GraphError('this is not a protobuf message: it has a field of an unknown kind');
      }
      const value =
        wire === 0 ? cursor.varint() : cursor.take(wire === 2 ? Number(cursor.varint()) : wire === 1 ? 8 : 4);
      const list = this.fields.get(number);
      if (list) list.push({ wire, value });
      else this.fields.set(number, [{ wire, value }]);
    }
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  /** How often a field occurs. */
  count(field: number): number {
    return this.fields.get(field)?.length ?? 0;
  }

  /** The last value of a field of bytes. */
  bytes(field: number): Uint8Array | undefined {
    const last = this.fields.get(field)?.at(-1);
    return last && delimited(last);
  }

  /** A text; empty where absent. */
  string(field: number): string {
    const bytes = this.bytes(field);
    return bytes ? text(bytes) : '';
  }

  strings(field: number): string[] {
    return this.all(field).map((f) => text(delimited(f)));
  }

  message(field: number): Message | undefined {
    const bytes = this.bytes(field);
    return bytes && new Message(bytes);
  }

  messages(field: number): Message[] {
    return this.all(field).map((f) => new Message(delimited(f)));
  }

  /** A signed integer; 0 where absent. */
  bigint(field: number): bigint {
    const last = this.fields.get(field)?.at(-1);
    return last ? signed(last) : 0n;
  }

  /** A signed integer as a number; 0 where absent. */
  int(field: number): number {
    return Number(this.bigint(field));
  }

  /** Repeated integers, packed or not. */
  bigints(field: number): bigint[] {
    return this.all(field).flatMap((f) => (f.wire === 0 ? [signed(f)] : unpack(delimited(f))));
  }

  /** Repeated 32-bit floats, packed or not (a lone one too). */
  floats(field: number): Float32Array {
    return new Float32Array(this.fixed(field, 5, 4).buffer);
  }

  /** Repeated 64-bit floats, packed or not. */
  doubles(field: number): Float64Array {
    return new Float64Array(this.fixed(field, 1, 8).buffer);
  }

  private all(field: number): readonly Field[] {
    return this.fields.get(field) ?? [];
  }

  /** Fixed-width numbers joined, packed or not. */
  private fixed(field: number, single: Wire, width: number): Uint8Array<ArrayBuffer> {
    const parts = this.all(field).map(({ wire, value }) => {
      const fits = wire === single || (wire === 2 && (value as Uint8Array).length % width === 0);
      if (!fits) throw damaged();
      return value as Uint8Array;
    });
    const joined = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
}

function delimited({ wire, value }: Field): Uint8Array {
  if (wire !== 2) throw damaged();
  return value as Uint8Array;
}

function signed({ wire, value }: Field): bigint {
  if (wire !== 0) throw damaged();
  return BigInt.asIntN(64, BigInt(value as number | bigint));
}

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new GraphError('the model file is damaged: a text in it is not UTF-8; fetch it again');
  }
}

function unpack(bytes: Uint8Array): bigint[] {
  const cursor = new Cursor(bytes);
  const out: bigint[] = [];
  while (!cursor.done) out.push(BigInt.asIntN(64, BigInt(cursor.varint())));
  return out;
}
