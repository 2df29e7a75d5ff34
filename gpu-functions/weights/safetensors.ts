import { readFile, rename, writeFile } from 'node:fs/promises';
import { arrayOf, sizeOf, type DType, type HostTensor } from '../graph/index.ts';

/**
 * The safetensors container: 8 bytes little-endian header length, a JSON header
 * `{name: {dtype, shape, data_offsets}}`, then the tensors' bytes (https://huggingface.co/docs/safetensors).
 */
const TO_FILE: Record<DType, string> = {
  float16: 'F16',
  float32: 'F32',
  float64: 'F64',
  int8: 'I8',
  uint8: 'U8',
  int32: 'I32',
  int64: 'I64',
  bool: 'BOOL',
};
const FROM_FILE = new Map(Object.entries(TO_FILE).map(([dtype, code]) => [code, dtype as DType]));

const MAX_HEADER_BYTES = 100_000_000;

export interface Safetensors {
  tensors: Map<string, HostTensor>;
  metadata: Record<string, string>;
}

/** Encodes tensors in the map's order. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const end = offset + tensor.data.byteLength;
    header[name] = { dtype: TO_FILE[tensor.dtype], shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + headerBytes + offset).fill(0x20, 8, 8 + headerBytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.set(json, 8);
  let position = 8 + headerBytes;
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return out;
}

/** Decodes a file. @throws Error that says what is wrong with a damaged or foreign file. */
export function decodeSafetensors(bytes: Uint8Array, source = 'the file'): Safetensors {
  const fail = (what: string): never => {
    throw new Error(`${source} is not a readable safetensors file: ${what}.`);
  };
  if (bytes.length < 8) fail('it is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length)
    fail('its header length is out of range');
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + headerBytes)));
  } catch {
    return fail('its header is not JSON');
  }
  const body = bytes.subarray(8 + headerBytes);
  const tensors = new Map<string, HostTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    tensors.set(name, decodeTensor(name, entry, body, fail));
  }
  return { tensors, metadata: (header['__metadata__'] ?? {}) as Record<string, string> };
}

function decodeTensor(
  name: string,
  entry: unknown,
  body: Uint8Array,
  fail: (what: string) => never,
): HostTensor {
  const {
    dtype: code,
    shape,
    data_offsets: offsets,
  } = (entry ?? {}) as {
    dtype?: string;
    shape?: number[];
    data_offsets?: [number, number];
  };
  const dtype = FROM_FILE.get(code ?? '');
  if (!dtype) return fail(`the tensor '${name}' has the unsupported type '${code}'`);
  const sizes = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!sizes) return fail(`the tensor '${name}' has no valid shape`);
  const [start, end] = Array.isArray(offsets) ? offsets : [NaN, NaN];
  const inRange =
    Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && end <= body.length;
  const Elements = arrayOf(dtype);
  const count = sizeOf(shape!);
  if (!inRange || end - start !== count * Elements.BYTES_PER_ELEMENT) {
    return fail(`the tensor '${name}' does not lie where its header says`);
  }
  // A copy aligns the data and lets the file's buffer go (a Buffer's own slice would be a view).
  const data = new Elements(new Uint8Array(body.subarray(start, end)).buffer);
  return { dtype, shape: shape!, data };
}

/** Reads a safetensors file. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return decodeSafetensors(await readFile(path), `'${path}'`);
}

/** Writes a safetensors file atomically: a reader sees the old file or the whole new one. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, encodeSafetensors(tensors, metadata));
  await rename(partial, path);
}
