import type { ReadAttribute, ReadAttributes } from './attribute-reader.ts';
import type { ReadGraph, ReadNode, ReadPort } from './model-reader.ts';

/** What becomes of names and attributes. */
export interface Renaming {
  readonly name: (name: string) => string;
  /** An attribute that refers to one of the enclosing function; undefined drops it. */
  readonly reference: (name: string) => ReadAttribute | undefined;
}

/** A node under other names, the graphs inside it too. A name left out stays so. */
export function renameNode(node: ReadNode, renaming: Renaming): ReadNode {
  const name = (given: string): string => (given === '' ? '' : renaming.name(given));
  return {
    ...node,
    inputs: node.inputs.map(name),
    outputs: node.outputs.map(name),
    attributes: renameAttributes(node.attributes, renaming),
  };
}

function renameAttributes(attributes: ReadAttributes, renaming: Renaming): ReadAttributes {
  const renamed = new Map<string, ReadAttribute>();
  for (const [key, attribute] of attributes) {
    const value = attribute.type === 'reference' ? renaming.reference(attribute.value) : attribute;
    if (!value) continue;
    renamed.set(
      key,
      value.type === 'graph' ? { ...value, value: renameGraph(value.value, renaming) } : value,
    );
  }
  return renamed;
}

/** A graph under other names. */
export function renameGraph(graph: ReadGraph, renaming: Renaming): ReadGraph {
  const port = (p: ReadPort): ReadPort => ({ ...p, name: renaming.name(p.name) });
  return {
    nodes: graph.nodes.map((n) => renameNode(n, renaming)),
    initializers: new Map([...graph.initializers].map(([name, read]) => [renaming.name(name), read])),
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    values: new Map([...graph.values].map(([name, p]) => [renaming.name(name), port(p)])),
  };
}
