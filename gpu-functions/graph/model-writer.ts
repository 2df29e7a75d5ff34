import { onnxTypes } from './onnx-types.ts';
import { ProtobufWriter } from './protobuf.ts';
import { GraphError, type DType, type HostTensor, type Shape } from './tensor.ts';
import type { Attributes } from './value.ts';

/** A tensor's name and type, as a graph declares its inputs and outputs. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A port of a graph inside of a node, whose type and shape (−1 is an open dimension) may be left to be found out. */
export interface OpenPort {
  readonly name: string;
  readonly shape?: Shape;
  readonly dtype?: DType;
}

export interface ModelNode {
  readonly op: string;
  /** Whose operator it is; left out for ONNX's own. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Loop: its body. */
  readonly body?: InnerGraph;
  /** Other graphs inside of it, by the names of their attributes. */
  readonly graphs?: Readonly<Record<string, InnerGraph>>;
}

/** What the GraphProto inside of a node holds. */
export interface InnerGraph {
  readonly name: string;
  readonly nodes: readonly ModelNode[];
  readonly initializers: readonly { readonly name: string; readonly tensor: HostTensor }[];
  readonly inputs: readonly OpenPort[];
  readonly outputs: readonly OpenPort[];
}

/** What an ONNX GraphProto holds. Initializers are held by reference. */
export interface ModelGraph extends InnerGraph {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** Where an initializer's bytes lie, when not in the model file itself. */
export interface External {
  readonly location: string;
  readonly offset: number;
}

/** The raw bytes of a tensor. */
export function bytesOf({ data }: HostTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * The bytes of an ONNX ModelProto. IR version 8 belongs to opset 18.
 * @param external initializers by name that lie in another file
 */
export function writeModel(
  graph: ModelGraph,
  opset: number,
  external?: ReadonlyMap<string, External>,
): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter();
  writer.int(1, 8);
  writer.string(2, 'portrait3d');
  writer.message(7, (w) => writeGraph(w, graph, external));
  writer.message(8, (w) => w.int(2, opset));
  for (const domain of domainsIn(graph)) {
    writer.message(8, (w) => {
      w.string(1, domain);
      w.int(2, 1);
    });
  }
  if (writer.length > MOST_BYTES) {
    throw new GraphError(
      'the model is longer than the 2 GB that protobuf can hold; save it by saveModel, which puts weights in a file beside it',
    );
  }
  return writer.bytes();
}

/** Where protobuf ends. */
const MOST_BYTES = 2 ** 31 - 1;

/** The graphs inside of a node, by the names of their attributes. */
export function innerGraphs({ body, graphs }: ModelNode): Record<string, InnerGraph> {
  return body ? { ...graphs, body } : { ...graphs };
}

function domainsIn(graph: InnerGraph, found = new Set<string>()): Set<string> {
  for (const node of graph.nodes) {
    if (node.domain) found.add(node.domain);
    for (const inner of Object.values(innerGraphs(node))) domainsIn(inner, found);
  }
  return found;
}

function writeGraph(
  writer: ProtobufWriter,
  graph: InnerGraph,
  external?: ReadonlyMap<string, External>,
): void {
  for (const node of graph.nodes) writer.message(1, (w) => writeNode(w, node));
  writer.string(2, graph.name);
  for (const { name, tensor } of graph.initializers) {
    writer.message(5, (w) => writeTensor(w, tensor, name, external?.get(name)));
  }
  for (const port of graph.inputs) writer.message(11, (w) => writePort(w, port));
  for (const port of graph.outputs) writer.message(12, (w) => writePort(w, port));
}

function writeNode(writer: ProtobufWriter, node: ModelNode): void {
  for (const name of node.inputs) writer.string(1, name);
  for (const name of node.outputs) writer.string(2, name);
  writer.string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, (w) => writeAttribute(w, name, value));
  }
  for (const [name, inner] of Object.entries(innerGraphs(node))) {
    writer.message(5, (w) => {
      w.string(1, name);
      w.message(6, (g) => writeGraph(g, inner));
      w.int(20, 5);
    });
  }
  if (node.domain) writer.string(7, node.domain);
}

function writeAttribute(w: ProtobufWriter, name: string, value: Attributes[string]): void {
  w.string(1, name);
  if (typeof value === 'number') {
    w.int(3, value);
    w.int(20, 2);
  } else if (typeof value === 'string') {
    w.string(4, value);
    w.int(20, 3);
  } else if ('float' in value) {
    w.float(2, value.float);
    w.int(20, 1);
  } else if ('floats' in value) {
    for (const v of value.floats) w.float(7, v);
    w.int(20, 6);
  } else if ('strings' in value) {
    for (const v of value.strings) w.string(9, v);
    w.int(20, 8);
  } else if ('dtype' in value) {
    w.message(5, (t) => writeTensor(t, value));
    w.int(20, 4);
  } else {
    for (const v of value) w.int(8, v);
    w.int(20, 7);
  }
}

function writeTensor(w: ProtobufWriter, tensor: HostTensor, name?: string, external?: External): void {
  for (const d of tensor.shape) w.int(1, d);
  w.int(2, onnxTypes[tensor.dtype]);
  if (name !== undefined) w.string(8, name);
  if (!external) {
    w.raw(9, bytesOf(tensor));
    return;
  }
  const entries = {
    location: external.location,
    offset: String(external.offset),
    length: String(tensor.data.byteLength),
  };
  for (const [key, value] of Object.entries(entries)) {
    w.message(13, (e) => {
      e.string(1, key);
      e.string(2, value);
    });
  }
  w.int(14, 1);
}

function writePort(w: ProtobufWriter, { name, shape, dtype }: OpenPort): void {
  w.string(1, name);
  if (!dtype) return;
  w.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, onnxTypes[dtype]);
      if (!shape) return;
      tensor.message(2, (s) => {
        for (const d of shape) s.message(1, (e) => d >= 0 && e.int(1, d));
      });
    }),
  );
}
