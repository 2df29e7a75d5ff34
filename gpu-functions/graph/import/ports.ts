import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Port } from '../model-writer.ts';
import { GraphError } from '../tensor.ts';
import { placeOf } from './external-files.ts';
import { DEEPEST, modelMessage, readPort, tooDeep, type ReadPort } from './model-reader.ts';
import type { Message } from './protobuf-reader.ts';

/** What a session needs to know of a model file. */
export interface ModelPorts {
  readonly inputs: Port[];
  readonly outputs: Port[];
  /** Whether it adds at indices. */
  readonly scatters: boolean;
  /** Where its weights lie that are not in the file itself. */
  readonly files: ReadonlySet<string>;
}

/**
 * The inputs and outputs of a model file. Its weights are not read.
 * @throws GraphError also where weights are to be read from outside of the file's folder
 */
export async function readPorts(path: string): Promise<ModelPorts> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new GraphError(`the model '${path}' cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const ports = portsOf(bytes);
  for (const location of ports.files) placeOf(dirname(path), location);
  return ports;
}

/** The inputs and outputs of a ModelProto. @throws GraphError where the bytes are none */
export function portsOf(bytes: Uint8Array): ModelPorts {
  const { model, graph } = modelMessage(bytes);
  const graphs = [...graphsIn(graph)];
  const weights = new Set(graph.messages(5).map((t) => t.string(8)));
  return {
    inputs: graph
      .messages(11)
      .map(readPort)
      .filter((p) => !weights.has(p.name))
      .map(portOf),
    outputs: graph.messages(12).map(readPort).map(portOf),
    scatters: graphs.some((g) => scatter(g.messages(1))) || model.messages(25).some(functionScatters),
    files: new Set(graphs.flatMap(filesOf)),
  };
}

/** A dimension that the file leaves open is −1. */
function portOf({ name, dtype, dimensions }: ReadPort): Port {
  if (!dtype || !dimensions)
    throw new GraphError(`'${name}' is not a tensor of known rank; only those are supported`);
  return { name, dtype: dtype(), shape: dimensions.map((d) => (typeof d === 'number' ? d : -1)) };
}

/** A graph, and those inside of its nodes. */
function* graphsIn(graph: Message, depth = 0): Generator<Message> {
  if (depth > DEEPEST) throw tooDeep();
  yield graph;
  for (const node of graph.messages(1)) {
    for (const attribute of node.messages(5)) {
      for (const inner of [...attribute.messages(6), ...attribute.messages(11)])
        yield* graphsIn(inner, depth + 1);
    }
  }
}

function scatter(nodes: readonly Message[]): boolean {
  return nodes.some((n) => n.string(4) === 'ScatterND');
}

/** Whether a function that the model defines for itself adds at indices. */
function functionScatters(definition: Message): boolean {
  const nodes = definition.messages(7);
  const inner = nodes.flatMap((n) => n.messages(5)).flatMap((a) => [...a.messages(6), ...a.messages(11)]);
  return scatter(nodes) || inner.some((g) => [...graphsIn(g)].some((one) => scatter(one.messages(1))));
}

/** The locations of a graph's initializers, and of the tensors that its nodes have as attributes. */
function filesOf(graph: Message): string[] {
  const attributes = graph.messages(1).flatMap((n) => n.messages(5));
  const tensors = [...graph.messages(5), ...attributes.flatMap((a) => [...a.messages(5), ...a.messages(10)])];
  return tensors
    .filter((t) => t.int(14) === 1)
    .flatMap((t) => t.messages(13))
    .filter((entry) => entry.string(1) === 'location')
    .map((entry) => entry.string(2));
}
