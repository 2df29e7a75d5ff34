import { GraphError } from '../tensor.ts';

const utf8 = new TextDecoder();

/** One field of a protobuf message: an integer, a fixed-width number's bytes, or a length-delimited field's bytes. */
export interface Field {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** The fields of a protobuf message, in order. Byte fields are views into the message. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      if (at >= message.length) throw new GraphError('the model file ends in the middle of a field');
      const byte = message[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
      shift += 7n;
    }
  };
  const bytes = (n: number): Uint8Array => {
    if (at + n > message.length) throw new GraphError('the model file ends in the middle of a field');
    at += n;
    return message.subarray(at - n, at);
  };
  while (at < message.length) {
    const key = Number(varint());
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: bytes(8) };
        break;
      case 2:
        yield { number, value: bytes(Number(varint())) };
        break;
      case 5:
        yield { number, value: bytes(4) };
        break;
      default:
        throw new GraphError('this is not a protobuf message: it has a field of an unknown kind');
    }
  }
}

/** The last value of each field, and all values of repeated ones, of a message. */
export class Message {
  private readonly fields = new Map<number, (bigint | Uint8Array)[]>();

  constructor(bytes: Uint8Array) {
    for (const { number, value } of fieldsOf(bytes)) {
      const list = this.fields.get(number);
      if (list) list.push(value);
      else this.fields.set(number, [value]);
    }
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  bytes(field: number): Uint8Array | undefined {
    return this.fields.get(field)?.at(-1) as Uint8Array | undefined;
  }

  string(field: number): string {
    return utf8.decode(this.bytes(field) ?? new Uint8Array());
  }

  strings(field: number): string[] {
    return (this.fields.get(field) ?? []).map((b) => utf8.decode(b as Uint8Array));
  }

  messages(field: number): Message[] {
    return (this.fields.get(field) ?? []).map((b) => new Message(b as Uint8Array));
  }

  /** A signed integer; 0 where absent. */
  int(field: number): number {
    const value = this.fields.get(field)?.at(-1);
    return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
  }

  /** Repeated integers, packed or not. */
  ints(field: number): bigint[] {
    return (this.fields.get(field) ?? []).flatMap((v) =>
      typeof v === 'bigint' ? [BigInt.asIntN(64, v)] : unpack(v),
    );
  }

  /** Repeated 32-bit floats, packed or not (a lone one too). */
  floats(field: number): Float32Array {
    const parts = (this.fields.get(field) ?? []) as Uint8Array[];
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) {
      all.set(p, at);
      at += p.length;
    }
    return new Float32Array(all.buffer);
  }
}

function unpack(bytes: Uint8Array): bigint[] {
  const out: bigint[] = [];
  let [value, shift] = [0n, 0n];
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      out.push(BigInt.asIntN(64, value));
      [value, shift] = [0n, 0n];
    }
  }
  return out;
}
