import { operand, type Importer, type Importing, type Importers } from '../importing.ts';
import { geluTanh } from '../../ops/activations.ts';
import * as e from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linear.ts';
import { layerNorm } from '../../ops/normalisation.ts';
import { mean } from '../../ops/reduce.ts';
import { transpose, transposeLast } from '../../ops/shape.ts';
import type { Value } from '../../value.ts';
import { activations } from './activations.ts';
import { convolutions } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { linear } from './linear.ts';

const added = (x: Value, other: Value | undefined): Value => (other ? e.add(x, other) : x);

function fusedMatMul(node: Importing): Value {
  const side = (i: number, name: string): Value => {
    const v = i === 0 ? node.x : operand(node, i);
    if (node.int(`transBatch${name}`, 0) === 1) {
      // The first of the batch's axes becomes the row's.
      const n = v.shape.length;
      const moved = transpose(v, [...Array.from({ length: n - 2 }, (_, k) => k + 1), 0, n - 1]);
      return node.int(`trans${name}`, 0) === 1 ? transposeLast(moved) : moved;
    }
    return node.int(`trans${name}`, 0) === 1 && v.shape.length > 1 ? transposeLast(v) : v;
  };
  return e.mul(matmul(side(0, 'A'), side(1, 'B')), node.float('alpha', 1));
}

/** An operator followed by the activation that it names. */
const activated =
  (importer: Importer): Importer =>
  (node) => {
    const made = importer(node) as Value;
    const name = node.string('activation', '');
    if (name === '') return made;
    const table = { ...activations, Tanh: elementwise.Tanh };
    const activation = Object.hasOwn(table, name) ? table[name as 'Tanh'] : undefined;
    if (!activation) return node.refuse(`its activation '${name}' is not known`);
    return activation({
      ...node,
      x: made,
      inputs: [made],
      float: (attribute, otherwise) => node.float(`activation_${attribute}`, otherwise),
    });
  };

/** x / √(mean x² + ε) over the last axis, times a scale. */
function rootMeanSquare(x: Value, scale: Value, eps: number): Value {
  return e.mul(e.mul(x, e.rsqrt(e.add(mean(e.square(x), [-1], true), eps))), scale);
}

function simplifiedLayerNormalisation(node: Importing): Value {
  if (node.int('axis', -1) !== -1 && node.int('axis', -1) !== node.x.shape.length - 1) {
    node.refuse('only the last axis is normalised');
  }
  return rootMeanSquare(node.x, operand(node, 1), node.float('epsilon', 1e-5));
}

/** What ONNX Runtime's own tools make of ordinary operators: those of them that are simple. */
export const microsoft: Importers = {
  'com.microsoft.Gelu': ({ x }) => e.gelu(x),
  'com.microsoft.BiasGelu': (node) => e.gelu(e.add(node.x, operand(node, 1))),
  'com.microsoft.FastGelu': (node) => geluTanh(added(node.x, node.inputs[1])),
  'com.microsoft.QuickGelu': ({ x, float }) => e.mul(x, e.sigmoid(e.mul(x, float('alpha', 1.702)))),
  'com.microsoft.BiasAdd': (node) => e.add(e.add(node.x, operand(node, 1)), operand(node, 2)),
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.FusedGemm': activated(linear.Gemm),
  'com.microsoft.FusedConv': (node) => {
    if (node.inputs[3]) node.refuse('it adds a second input');
    return activated(convolutions.Conv)(node);
  },
  'com.microsoft.SkipLayerNormalization': (node) => {
    const whole = added(e.add(node.x, operand(node, 1)), node.inputs[4]);
    const y = layerNorm(whole, operand(node, 2), node.inputs[3] ?? null, node.float('epsilon', 1e-12));
    return [y, undefined, undefined, whole];
  },
  'com.microsoft.SkipSimplifiedLayerNormalization': (node) => {
    const whole = added(e.add(node.x, operand(node, 1)), node.inputs[3]);
    return [
      rootMeanSquare(whole, operand(node, 2), node.float('epsilon', 1e-12)),
      undefined,
      undefined,
      whole,
    ];
  },
  // ONNX Runtime has it in ONNX's own domain, where nothing of the name is defined.
  SimplifiedLayerNormalization: simplifiedLayerNormalisation,
};
