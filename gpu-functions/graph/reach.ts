import type { Node, Value } from './value.ts';

/** What a node uses: its inputs and, of a loop, what its body computes. */
export function usesOf(node: Node): Value[] {
  const inputs = node.inputs.flatMap((v) => (v ? [v] : []));
  return node.body ? [...inputs, ...node.body.next, ...node.body.outputs] : inputs;
}

/** All nodes that values depend on, in order of creation; behind values that are `given` there are none. */
export function reachable(values: readonly Value[], given: ReadonlySet<Value> = new Set()): Node[] {
  const seen = new Set<Node>();
  const stack = [...values];
  while (stack.length > 0) {
    const value = stack.pop()!;
    if (given.has(value) || seen.has(value.node)) continue;
    seen.add(value.node);
    for (const v of usesOf(value.node)) stack.push(v);
  }
  return [...seen].toSorted((a, b) => a.id - b.id);
}
