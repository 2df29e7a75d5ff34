// Operators whose rules have files of their own.
import './ops/convolution-gradient.ts';
import { accumulated } from './ops/indexing.ts';
import { ones, zerosLike } from './ops/create.ts';
import { reachable, usesOf } from './reach.ts';
import { ruleOf } from './rules.ts';
import { GraphError, isFloat, sameShape } from './tensor.ts';
import { pathThrough } from './gradient-path.ts';
import { describeNode, type Node, type Value } from './value.ts';

function whyNot(node: Node): string {
  return node.op === 'Loop' && node.body
    ? 'a loop cannot be differentiated; call gradients inside its body.'
    : `the operator ${describeNode(node)} has no gradient rule; differentiate something before it, or stop the gradient at its inputs.`;
}

/** Sum of many, as a balanced tree (shorter dependency chains and better rounding than a running sum). */
function total(terms: readonly Value[]): Value {
  if (terms.length === 1) return terms[0];
  const half = terms.length >> 1;
  return accumulated(total(terms.slice(0, half)), total(terms.slice(half)));
}

/**
 * Reverse-mode derivatives: for each of `wrt`, Σᵢ cotangentᵢ · ∂outputᵢ/∂wrt, of the shape of wrt. Cotangents default to ones; what the
 * outputs do not depend on gets zeros. The result is ordinary graph, so it can be differentiated again.
 * @throws GraphError where the path crosses an operator without a rule or a loop.
 */
export function gradients(
  outputs: readonly Value[],
  wrt: readonly Value[],
  cotangents?: readonly Value[],
): Value[] {
  const nodes = reachable(outputs);
  const wanted = new Set<Value>(wrt);
  const active = new Set<Node>();
  const isActive = (v: Value): boolean => isFloat(v.dtype) && (wanted.has(v) || active.has(v.node));
  for (const node of nodes) {
    if (usesOf(node).some(isActive)) active.add(node);
  }

  const terms = new Map<Value, Value[]>();
  const give = (v: Value, g: Value): void => {
    if (!sameShape(v.shape, g.shape) || v.dtype !== g.dtype) {
      throw new GraphError(
        `gradients: a cotangent ${g.dtype} [${g.shape.join(', ')}] for ${v.dtype} [${v.shape.join(', ')}] of ${v.node.op}`,
      );
    }
    const list = terms.get(v);
    if (list) list.push(g);
    else terms.set(v, [g]);
  };
  const cotangentOf = (v: Value): Value | undefined => {
    const list = terms.get(v);
    if (!list) return undefined;
    const g = total(list);
    terms.set(v, [g]);
    return g;
  };

  for (const [i, y] of outputs.entries()) give(y, cotangents?.[i] ?? ones(y.shape, y.dtype));
  for (const node of nodes.toReversed()) {
    if (!active.has(node)) continue;
    const received = node.outputs.map(cotangentOf);
    if (received.every((g) => g === undefined)) continue;
    const rule = node.rule ?? ruleOf(node.op);
    if (!rule) throw new GraphError(`gradients: ${whyNot(node)} ${pathThrough(node, outputs, wrt)}`);
    const thunks = rule(node, received);
    for (const [i, v] of node.inputs.entries()) {
      const thunk = thunks[i];
      if (v && thunk && isActive(v)) give(v, thunk());
    }
  }
  return wrt.map((v) => cotangentOf(v) ?? zerosLike(v));
}
