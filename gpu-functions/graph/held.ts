import { reachable, usesOf } from './reach.ts';
import type { Node, Value } from './value.ts';

/** What a node follows from: constants alone, them and held inputs, or what changes from run to run. */
type Origin = 'constant' | 'held' | 'run';

/**
 * What follows from the named inputs and constants alone and is used by the rest of a graph, by new names. Where these inputs stay for many
 * runs it needs computing but once: by a graph of its own, while the rest is compiled as `given` it.
 */
export function heldValues(outputs: readonly Value[], names: readonly string[]): Record<string, Value> {
  const origins = new Map<Node, Origin>();
  const originOf = (node: Node): Origin => {
    if (node.tensor) return 'constant';
    if (node.op === 'Input') return names.includes(node.name!) ? 'held' : 'run';
    if (node.inputs.length === 0 || node.body || node.foreign) return 'run';
    const used = usesOf(node).map((v) => origins.get(v.node)!);
    return used.find((o) => o === 'run') ?? used.find((o) => o === 'held') ?? 'constant';
  };
  const found = new Set<Value>();
  const useOf = (v: Value): void => {
    if (v.node.op !== 'Input' && origins.get(v.node) === 'held') found.add(v);
  };
  for (const node of reachable(outputs)) {
    const origin = originOf(node);
    origins.set(node, origin);
    if (origin === 'run') usesOf(node).forEach(useOf);
  }
  outputs.forEach(useOf);
  return Object.fromEntries([...found].map((v, i) => [`held.${i}`, v]));
}
