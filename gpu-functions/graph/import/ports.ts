import { readFile } from 'node:fs/promises';
import type { Port } from '../model-writer.ts';
import { GraphError } from '../tensor.ts';
import { DEEPEST, modelMessage, readPort, tooDeep, type ReadPort } from './model-reader.ts';
import type { Message } from './protobuf-reader.ts';

/** What a session needs to know of a model file. */
export interface ModelPorts {
  readonly inputs: Port[];
  readonly outputs: Port[];
  /** Whether it adds at indices. */
  readonly scatters: boolean;
}

/** The inputs and outputs of a model file. Its weights are not read. */
export async function readPorts(path: string): Promise<ModelPorts> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new GraphError(`the model '${path}' cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return portsOf(bytes);
}

/** The inputs and outputs of a ModelProto. @throws GraphError where the bytes are none */
export function portsOf(bytes: Uint8Array): ModelPorts {
  const { graph } = modelMessage(bytes);
  const weights = new Set(graph.messages(5).map((t) => t.string(8)));
  return {
    inputs: graph
      .messages(11)
      .map(readPort)
      .filter((p) => !weights.has(p.name))
      .map(portOf),
    outputs: graph.messages(12).map(readPort).map(portOf),
    scatters: scattersIn(graph),
  };
}

/** A dimension that the file leaves open is −1. */
function portOf({ name, dtype, dimensions }: ReadPort): Port {
  if (!dtype || !dimensions)
    throw new GraphError(`'${name}' is not a tensor of known rank; only those are supported`);
  return { name, dtype: dtype(), shape: dimensions.map((d) => (typeof d === 'number' ? d : -1)) };
}

/** Whether a graph, or the body of one of its loops, holds a ScatterND. */
function scattersIn(graph: Message, depth = 0): boolean {
  if (depth > DEEPEST) throw tooDeep();
  return graph
    .messages(1)
    .some(
      (n) =>
        n.string(4) === 'ScatterND' ||
        n.messages(5).some((a) => a.messages(6).some((g) => scattersIn(g, depth + 1))),
    );
}
