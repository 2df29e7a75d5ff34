import { GraphError } from '../tensor.ts';
import type { ReadGraph, ReadNode } from './model-reader.ts';

/** The names a node's inner graphs use that they do not make. */
export function capturesOf(node: ReadNode): Set<string> {
  const captures = new Set<string>();
  for (const a of node.attributes.values()) {
    if (a.type === 'graph') for (const name of freeNames(a.value)) captures.add(name);
  }
  return captures;
}

function freeNames(graph: ReadGraph): Set<string> {
  const made = new Set([...graph.initializers.keys(), ...graph.inputs.map((p) => p.name)]);
  for (const node of graph.nodes) for (const name of node.outputs) made.add(name);
  const used = new Set(graph.outputs.map((p) => p.name));
  for (const node of graph.nodes) {
    for (const name of node.inputs) used.add(name);
    for (const name of capturesOf(node)) used.add(name);
  }
  used.delete('');
  for (const name of made) used.delete(name);
  return used;
}

/** @throws GraphError where a name is given twice */
function makersOf(graph: ReadGraph): Map<string, ReadNode> {
  const given = new Set([...graph.initializers.keys(), ...graph.inputs.map((p) => p.name)]);
  if (given.size < graph.initializers.size + graph.inputs.length) {
    throw new GraphError('the model has two inputs of the same name; the file is damaged');
  }
  const makers = new Map<string, ReadNode>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name) || given.has(name)) {
        throw new GraphError(`the model gives the name '${name}' twice; the file is damaged`);
      }
      makers.set(name, node);
    }
  }
  return makers;
}

/**
 * The nodes that the wanted names depend on, in an order in which each can be computed: the file's own where that will do.
 * @throws GraphError where nodes depend on each other in a circle, or a name is given twice
 */
export function orderOf(graph: ReadGraph, wanted: readonly string[]): ReadNode[] {
  const makers = makersOf(graph);
  const state = new Map<ReadNode, 'open' | 'done'>();
  const order: ReadNode[] = [];
  const stack: { node: ReadNode; before: Iterator<string> }[] = [];
  const enter = (name: string): void => {
    const node = makers.get(name);
    if (!node || state.get(node) === 'done') return;
    if (state.get(node) === 'open') {
      throw new GraphError(`the model goes in a circle through its ${node.op} '${node.name || name}'`);
    }
    state.set(node, 'open');
    stack.push({ node, before: [...node.inputs, ...capturesOf(node)].values() });
  };
  for (const name of wanted) {
    enter(name);
    while (stack.length > 0) {
      const { node, before } = stack.at(-1)!;
      const next = before.next();
      if (!next.done) {
        enter(next.value);
        continue;
      }
      state.set(node, 'done');
      order.push(node);
      stack.pop();
    }
  }
  const inFile = graph.nodes.filter((n) => state.has(n));
  return isOrder(inFile, makers) ? inFile : order;
}

function isOrder(nodes: readonly ReadNode[], makers: ReadonlyMap<string, ReadNode>): boolean {
  const done = new Set<ReadNode>();
  for (const node of nodes) {
    for (const name of [...node.inputs, ...capturesOf(node)]) {
      const maker = makers.get(name);
      if (maker && !done.has(maker)) return false;
    }
    done.add(node);
  }
  return true;
}
