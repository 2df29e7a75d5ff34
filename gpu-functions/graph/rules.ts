import type { Node, Value } from './value.ts';

/**
 * The cotangents of a node's inputs, from those of its outputs (undefined where none reached it). One entry an input, null where none flows;
 * each is a thunk, called only where that input's gradient is wanted. Rules emit differentiable operators.
 */
export type GradientRule = (
  node: Node,
  cotangents: readonly (Value | undefined)[],
) => readonly ((() => Value) | null)[];

const rules = new Map<string, GradientRule>();

/** Register the rule of an operator. */
export function gradientRule(op: string, rule: GradientRule): void {
  rules.set(op, rule);
}

/** Register a rule for an operator with one output: (cotangent, inputs, output, node). */
export function simpleRule(
  op: string,
  rule: (g: Value, inputs: readonly Value[], output: Value, node: Node) => readonly ((() => Value) | null)[],
): void {
  rules.set(op, (node, [g]) => (g ? rule(g, node.inputs as readonly Value[], node.outputs[0], node) : []));
}

/** Register operators through which no gradient flows. */
export function noGradient(...ops: string[]): void {
  for (const op of ops) rules.set(op, () => []);
}

export function ruleOf(op: string): GradientRule | undefined {
  return rules.get(op);
}
