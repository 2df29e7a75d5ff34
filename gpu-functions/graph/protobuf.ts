const utf8 = new TextEncoder();

/** Writer of the protobuf wire format. Large byte fields are kept by reference until {@link bytes}. */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private buffer = new Uint8Array(256);
  private used = 0;
  /** Bytes written so far. */
  length = 0;

  private room(n: number): void {
    if (this.used + n <= this.buffer.length) return;
    this.flush();
    this.buffer = new Uint8Array(Math.max(1024, n));
  }

  private flush(): void {
    if (this.used > 0) this.chunks.push(this.buffer.subarray(0, this.used));
    this.buffer = this.buffer.subarray(this.used);
    this.used = 0;
  }

  private byte(b: number): void {
    this.buffer[this.used++] = b;
    this.length++;
  }

  private varint(value: number): void {
    this.room(10);
    if (value < 0) {
      let v = BigInt.asUintN(64, BigInt(value));
      for (; v >= 128n; v >>= 7n) this.byte(Number(v & 127n) | 128);
      this.byte(Number(v));
      return;
    }
    let v = value;
    for (; v >= 128; v = Math.floor(v / 128)) this.byte((v % 128) | 128);
    this.byte(v);
  }

  int(field: number, value: number): void {
    this.varint(field * 8);
    this.varint(value);
  }

  float(field: number, value: number): void {
    this.varint(field * 8 + 5);
    this.room(4);
    for (const b of new Uint8Array(new Float32Array([value]).buffer)) this.byte(b);
  }

  raw(field: number, data: Uint8Array): void {
    this.varint(field * 8 + 2);
    this.varint(data.length);
    if (data.length < 512) {
      this.room(data.length);
      this.buffer.set(data, this.used);
      this.used += data.length;
    } else {
      this.flush();
      this.chunks.push(data);
    }
    this.length += data.length;
  }

  string(field: number, value: string): void {
    this.raw(field, utf8.encode(value));
  }

  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    inner.flush();
    this.varint(field * 8 + 2);
    this.varint(inner.length);
    this.flush();
    this.chunks.push(...inner.chunks);
    this.length += inner.length;
  }

  /** Everything written, joined. */
  bytes(): Uint8Array<ArrayBuffer> {
    this.flush();
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }
}
