import { GraphError, type DType, type HostTensor } from '../tensor.ts';
import { readAttribute, type ReadAttribute, type ReadAttributes } from './attribute-reader.ts';
import { Message } from './protobuf-reader.ts';
import { dtypeOfCode, readSparseTensor, readTensor, type ExternalFiles } from './tensor-reader.ts';

/** A node of a model file. Inputs and outputs left out have an empty name. */
export interface ReadNode {
  readonly name: string;
  readonly op: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadAttributes;
}

/** A name and what a file says of its type. */
export interface ReadPort {
  readonly name: string;
  /** Of a tensor: its element type. @throws GraphError for one that is not supported */
  readonly dtype: (() => DType) | undefined;
  /** Sizes; a text (perhaps empty) where one is left open. Undefined where not even their number is known. */
  readonly dimensions: readonly (number | string)[] | undefined;
}

export interface ReadGraph {
  readonly nodes: readonly ReadNode[];
  /** Read when asked for. */
  readonly initializers: ReadonlyMap<string, () => HostTensor>;
  /** Those without an initializer. */
  readonly inputs: readonly ReadPort[];
  readonly outputs: readonly ReadPort[];
  /** What the file says of values in between. */
  readonly values: ReadonlyMap<string, ReadPort>;
}

/** Versions of operator sets by domain; ONNX's own is ''. */
export type Opsets = ReadonlyMap<string, number>;

/** A function that a model brings along. */
export interface ReadFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly defaults: ReadAttributes;
  readonly nodes: readonly ReadNode[];
  readonly opsets: Opsets;
}

/** What a model file holds. */
export interface ReadModel {
  readonly opsets: Opsets;
  readonly graph: ReadGraph;
  readonly functions: readonly ReadFunction[];
}

/** Highest version of the file format that is known. */
const NEWEST_IR = 13;
/** Graphs in graphs in graphs: nobody writes them deeper. */
export const DEEPEST = 32;
export const tooDeep = (): GraphError =>
  new GraphError(`the model nests graphs more than ${DEEPEST} deep; that is not supported`);
/** Far more than any operator takes. */
const MOST_ATTRIBUTES = 256;

/** The fields of a ModelProto. @throws GraphError where the bytes are none */
export function modelMessage(bytes: Uint8Array): { model: Message; graph: Message } {
  const model = new Message(bytes);
  const graph = model.message(7);
  if (!graph) throw new GraphError('this is not an ONNX model: it has no graph');
  const ir = model.int(1);
  if (ir < 3 || ir > NEWEST_IR) {
    throw new GraphError(
      `this is not an ONNX model of a known version: its IR version is ${ir}, known are 3 to ${NEWEST_IR}`,
    );
  }
  return { model, graph };
}

/**
 * Read an ONNX ModelProto. Tensors are read when they are asked for.
 * @param external needed for models whose weights lie in files of their own
 */
export function readModel(bytes: Uint8Array, external?: ExternalFiles): ReadModel {
  const { model, graph } = modelMessage(bytes);
  const reader = new GraphReader(external);
  return {
    opsets: readOpsets(model.messages(8)),
    graph: reader.graph(graph),
    functions: model.messages(25).map((f) => reader.function(f)),
  };
}

/** 'ai.onnx' is another name of ONNX's own domain. */
const domainOf = (name: string): string => (name === 'ai.onnx' ? '' : name);

function readOpsets(imports: readonly Message[]): Opsets {
  return new Map(imports.map((o) => [domainOf(o.string(1)), o.int(2)]));
}

class GraphReader {
  private readonly external: ExternalFiles | undefined;
  private depth = 0;

  constructor(external?: ExternalFiles) {
    this.external = external;
  }

  graph(graph: Message): ReadGraph {
    if (++this.depth > DEEPEST) throw tooDeep();
    const initializers = new Map<string, () => HostTensor>();
    const define = (name: string, read: () => HostTensor): void => {
      if (initializers.has(name)) throw new GraphError(`the model has two initializers named '${name}'`);
      initializers.set(name, read);
    };
    for (const t of graph.messages(5))
      define(
        t.string(8),
        once(() => readTensor(t, this.external)),
      );
    for (const t of graph.messages(15)) {
      const name = t.message(1)?.string(8) ?? '';
      define(
        name,
        once(() => readSparseTensor(t, this.external)),
      );
    }
    const read: ReadGraph = {
      initializers,
      nodes: graph.messages(1).map((n) => this.node(n)),
      inputs: graph
        .messages(11)
        .map(readPort)
        .filter((p) => !initializers.has(p.name)),
      outputs: graph.messages(12).map(readPort),
      values: new Map(graph.messages(13).map((v) => [v.string(1), readPort(v)])),
    };
    this.depth--;
    return read;
  }

  node(node: Message): ReadNode {
    return {
      name: node.string(3),
      op: node.string(4),
      domain: domainOf(node.string(7)),
      overload: node.string(8),
      inputs: node.strings(1),
      outputs: node.strings(2),
      attributes: this.attributes(node, 5),
    };
  }

  function(f: Message): ReadFunction {
    return {
      name: f.string(1),
      domain: domainOf(f.string(10)),
      overload: f.string(13),
      inputs: f.strings(4),
      outputs: f.strings(5),
      defaults: this.attributes(f, 11),
      nodes: f.messages(7).map((n) => this.node(n)),
      opsets: readOpsets(f.messages(9)),
    };
  }

  private attributes(owner: Message, field: number): ReadAttributes {
    if (owner.count(field) > MOST_ATTRIBUTES) {
      throw new GraphError(`the model has a node of ${owner.count(field)} attributes; the file is damaged`);
    }
    const attributes = new Map<string, ReadAttribute>();
    for (const a of owner.messages(field)) {
      attributes.set(
        a.string(1),
        readAttribute(a, {
          graph: (g) => this.graph(g),
          tensor: (t) => readTensor(t, this.external),
          sparse: (t) => readSparseTensor(t, this.external),
        }),
      );
    }
    return attributes;
  }
}

/** What is made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Read a ValueInfoProto. */
export function readPort(info: Message): ReadPort {
  const tensor = info.message(2)?.message(1);
  const code = tensor?.int(1) ?? 0;
  return {
    name: info.string(1),
    dtype: code === 0 ? undefined : () => dtypeOfCode(code),
    // Exporters write −1 for an open dimension, too.
    dimensions: tensor
      ?.message(2)
      ?.messages(1)
      .map((d) => (d.has(1) && d.int(1) >= 0 ? d.int(1) : d.string(2))),
  };
}
