import { simpleRule } from './rules.ts';
import { makeValue, type Node, type Value } from './value.ts';

/** What is worth computing in half precision: products with many terms, which GPUs add up in float32. */
const PRODUCTS = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm']);

/** A weight, matrix or table whose products stay in float32 where a graph is compiled for half precision. */
export function inFloat32(x: Value): Value {
  return x.node.op === 'InFloat32' ? x : makeValue('InFloat32', [x], {}, x.shape, x.dtype);
}

simpleRule('InFloat32', (g) => [() => g]);

/** Where a value comes from: a network's weights, weights that keep float32, or what a run computes. */
type Origin = 'weights' | 'float32' | 'run';

/**
 * Which nodes a graph in half precision computes in float16: products of float32 values with a network's weights, that is with what
 * depends on constants only. Everything else stays in float32: rendering and its sums, losses, moments, and what {@link inFloat32} marks.
 */
export class HalfPolicy {
  private readonly origins = new Map<Node, Origin>();

  applies(node: Node): boolean {
    if (!PRODUCTS.has(node.op) || node.outputs[0].dtype !== 'float32') return false;
    const operands = node.inputs.slice(0, 2).map((v) => this.originOf(v!.node));
    return operands.includes('weights') && operands.includes('run');
  }

  private originOf(node: Node): Origin {
    const known = this.origins.get(node);
    if (known) return known;
    const found = this.derive(node);
    this.origins.set(node, found);
    return found;
  }

  private derive(node: Node): Origin {
    if (node.tensor) return 'weights';
    if (node.inputs.length === 0 || node.body || node.foreign) return 'run';
    const origins = node.inputs.flatMap((v) => (v ? [this.originOf(v.node)] : []));
    if (origins.includes('run')) return 'run';
    return node.op === 'InFloat32' || origins.includes('float32') ? 'float32' : 'weights';
  }
}
