import { readFile } from 'node:fs/promises';
import type { Port } from '../model-writer.ts';
import { onnxTypes } from '../onnx-types.ts';
import { Message } from './protobuf-reader.ts';
import { arrayOf, GraphError, hostTensor, sizeOf, type DType, type HostTensor } from '../tensor.ts';

/** Where the bytes of a file beside the model come from, by its relative path. */
export type ExternalFiles = (location: string) => Uint8Array;

/** A node of a model file. */
export interface ReadNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Message>;
}

/** What a model file holds. A dimension that the file leaves open is −1. */
export interface ReadModel {
  readonly opset: number;
  readonly nodes: readonly ReadNode[];
  readonly initializers: ReadonlyMap<string, HostTensor>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

const dtypes = new Map(Object.entries(onnxTypes).map(([name, code]) => [code, name as DType]));

/** @throws GraphError for an element type that the graph language does not know */
export function dtypeOfCode(code: number): DType {
  const dtype = dtypes.get(code);
  if (!dtype) throw new GraphError(`the model uses the ONNX element type ${code}, which is not supported`);
  return dtype;
}

/**
 * Read an ONNX ModelProto. Raw tensors are views into the bytes where their alignment allows.
 * @param external needed for models whose weights lie in files of their own
 */
export function readModel(bytes: Uint8Array, external?: ExternalFiles): ReadModel {
  const model = new Message(bytes);
  if (!model.has(7)) throw new GraphError('this is not an ONNX model: it has no graph');
  const graph = new Message(model.bytes(7)!);
  const opset = model.messages(8).find((o) => ['', 'ai.onnx'].includes(o.string(1)));
  const initializers = new Map(graph.messages(5).map((t) => [t.string(8), readTensor(t, external)]));
  return {
    opset: opset?.int(2) ?? 0,
    nodes: graph.messages(1).map(readNode),
    initializers,
    inputs: graph
      .messages(11)
      .map(readPort)
      .filter((p) => !initializers.has(p.name)),
    outputs: graph.messages(12).map(readPort),
  };
}

function readNode(node: Message): ReadNode {
  return {
    op: node.string(4),
    domain: node.string(7),
    inputs: node.strings(1),
    outputs: node.strings(2),
    attributes: new Map(node.messages(5).map((a) => [a.string(1), a])),
  };
}

function readPort(info: Message): Port {
  const type = info.messages(2)[0]?.messages(1)[0];
  if (!type) throw new GraphError(`'${info.string(1)}' is not a tensor; only tensors are supported`);
  const dimensions = type.messages(2)[0]?.messages(1) ?? [];
  return {
    name: info.string(1),
    dtype: dtypeOfCode(type.int(1)),
    shape: dimensions.map((d) => (d.has(1) ? d.int(1) : -1)),
  };
}

/** Read a TensorProto. */
export function readTensor(tensor: Message, external?: ExternalFiles): HostTensor {
  const shape = tensor.ints(1).map(Number);
  const dtype = dtypeOfCode(tensor.int(2));
  const raw = tensor.int(14) === 1 ? externalBytes(tensor, external) : tensor.bytes(9);
  if (raw) return rawTensor(raw, shape, dtype);
  if (dtype === 'float32') return hostTensor(tensor.floats(4), shape);
  if (dtype === 'int64') return hostTensor(BigInt64Array.from(tensor.ints(7)), shape);
  if (dtype === 'float64') return hostTensor(new Float64Array(tensor.floats(10).buffer), shape);
  // The other types share one field of integers, half floats as their bits.
  const ArrayClass = arrayOf(dtype) as Uint16ArrayConstructor;
  return hostTensor(ArrayClass.from(tensor.ints(5).map(Number)), shape, dtype);
}

function rawTensor(raw: Uint8Array, shape: readonly number[], dtype: DType): HostTensor {
  const ArrayClass = arrayOf(dtype);
  const aligned = raw.byteOffset % ArrayClass.BYTES_PER_ELEMENT === 0 ? raw : new Uint8Array(raw);
  const count = Math.floor(raw.byteLength / ArrayClass.BYTES_PER_ELEMENT);
  return hostTensor(new ArrayClass(aligned.buffer as ArrayBuffer, aligned.byteOffset, count), shape, dtype);
}

function externalBytes(tensor: Message, external?: ExternalFiles): Uint8Array {
  const entries = new Map(tensor.messages(13).map((e) => [e.string(1), e.string(2)]));
  const location = entries.get('location') ?? '';
  if (!external)
    throw new GraphError(`the weights of '${tensor.string(8)}' lie in '${location}'; give that file too`);
  const offset = Number(entries.get('offset') ?? 0);
  const dtype = dtypeOfCode(tensor.int(2));
  const size = sizeOf(tensor.ints(1).map(Number)) * arrayOf(dtype).BYTES_PER_ELEMENT;
  return external(location).subarray(offset, offset + Number(entries.get('length') ?? size));
}

/** The inputs and outputs of a model file, and whether it adds at indices. Its weights are not read. */
export async function readPorts(
  path: string,
): Promise<{ inputs: Port[]; outputs: Port[]; scatters: boolean }> {
  const model = new Message(await readFile(path));
  if (!model.has(7)) throw new GraphError(`'${path}' is not an ONNX model`);
  const graph = new Message(model.bytes(7)!);
  const weights = new Set(graph.messages(5).map((t) => t.string(8)));
  return {
    inputs: graph
      .messages(11)
      .map(readPort)
      .filter((p) => !weights.has(p.name)),
    outputs: graph.messages(12).map(readPort),
    scatters: scattersIn(graph),
  };
}

/** Whether a graph, or the body of one of its loops, holds a ScatterND. */
function scattersIn(graph: Message): boolean {
  return graph
    .messages(1)
    .some((n) => n.string(4) === 'ScatterND' || n.messages(5).some((a) => a.messages(6).some(scattersIn)));
}
