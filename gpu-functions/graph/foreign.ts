import { innerGraphs, type InnerGraph, type ModelNode } from './model-writer.ts';

/** What a node that is taken over whole from a model file has besides its inputs and attributes. */
export interface Foreign {
  /** Whose operator it is; empty for ONNX's own. */
  readonly domain: string;
  /** How many of the node's inputs are operands; the others are what its inner graphs use from outside. */
  readonly operands: number;
  /** The graphs inside of it, by the names of their attributes; what they use from outside is named by {@link captureName}. */
  readonly graphs: Readonly<Record<string, InnerGraph>>;
  /** Whether one of those adds at indices. */
  readonly scatters: boolean;
}

/** What an inner graph calls the i-th value that it uses from outside. */
export function captureName(i: number): string {
  return `^${i}`;
}

/** A foreign node's operands and graphs, given the names of all its inputs. */
export function bindCaptures(
  { domain, operands, graphs }: Foreign,
  inputs: readonly string[],
): Pick<ModelNode, 'domain' | 'inputs' | 'graphs'> {
  const names = new Map(inputs.slice(operands).map((name, i) => [captureName(i), name]));
  return {
    inputs: inputs.slice(0, operands),
    ...(domain ? { domain } : {}),
    graphs: Object.fromEntries(Object.entries(graphs).map(([key, g]) => [key, bound(g, names)])),
  };
}

function bound(graph: InnerGraph, names: ReadonlyMap<string, string>): InnerGraph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => names.get(name) ?? name),
      graphs: Object.fromEntries(Object.entries(innerGraphs(node)).map(([key, g]) => [key, bound(g, names)])),
    })),
  };
}

/** Whether a graph, or one inside of its nodes, adds at indices. */
export function scattersIn(graph: InnerGraph): boolean {
  return graph.nodes.some((n) => n.op === 'ScatterND' || Object.values(innerGraphs(n)).some(scattersIn));
}
