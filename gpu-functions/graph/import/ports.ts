import { readFile } from 'node:fs/promises';
import type { Port } from '../model-writer.ts';
import { GraphError } from '../tensor.ts';
import { modelMessage, readPort, type ReadPort } from './model-reader.ts';
import type { Message } from './protobuf-reader.ts';

/** The inputs and outputs of a model file, and whether it adds at indices. Its weights are not read. */
export async function readPorts(
  path: string,
): Promise<{ inputs: Port[]; outputs: Port[]; scatters: boolean }> {
  const { graph } = modelMessage(await readFile(path));
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
function scattersIn(graph: Message): boolean {
  return graph
    .messages(1)
    .some((n) => n.string(4) === 'ScatterND' || n.messages(5).some((a) => a.messages(6).some(scattersIn)));
}
