import { isFloat } from './tensor.ts';
import { describeNode, type Node, type Value } from './value.ts';

/** Where a gradient comes to a node from: its float inputs, and what its body uses. */
function behind(node: Node): Node[] {
  const inner = node.body ? [...node.body.next, ...node.body.outputs] : [];
  return [...node.inputs, ...inner].flatMap((v) => (v && isFloat(v.dtype) ? [v.node] : []));
}

/** The shortest way back from some nodes to one that is wanted, both ends included. */
function wayBack(from: readonly Node[], wanted: (node: Node) => boolean): Node[] {
  const ahead = new Map<Node, Node | undefined>(from.map((node) => [node, undefined]));
  // A map grows while it is walked, so that this goes breadth first.
  for (const node of ahead.keys()) {
    if (wanted(node)) {
      const way: Node[] = [];
      for (let at: Node | undefined = node; at; at = ahead.get(at)) way.unshift(at);
      return way;
    }
    for (const next of behind(node)) if (!ahead.has(next)) ahead.set(next, node);
  }
  return [];
}

/** How many nodes at each end of a long path are named. */
const ENDS = 4;

function shown(nodes: readonly Node[]): string {
  const names = nodes.map(describeNode);
  const short =
    names.length <= 2 * ENDS + 1
      ? names
      : [...names.slice(0, ENDS), `… ${names.length - 2 * ENDS} more …`, ...names.slice(-ENDS)];
  return short.join(' ← ');
}

/** The path from an output through a node to what the gradient is taken with respect to, for messages. */
export function pathThrough(node: Node, outputs: readonly Value[], wrt: readonly Value[]): string {
  const before = wayBack(
    outputs.map((v) => v.node),
    (n) => n === node,
  );
  const targets = new Set(wrt.map((v) => v.node));
  const after = wayBack(behind(node), (n) => targets.has(n));
  return `Path from output to input: ${shown(before)} ← ${shown(after)}`;
}
