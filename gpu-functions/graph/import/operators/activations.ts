import { operand, unary, type Importers } from '../importing.ts';
import * as a from '../../ops/activations.ts';
import { gelu, leakyRelu, relu, sigmoid, softplus } from '../../ops/elementwise.ts';

/** Activations. */
export const activations: Importers = {
  Relu: unary(relu),
  LeakyRelu: (node) => leakyRelu(node.x, node.float('alpha', 0.01)),
  PRelu: (node) => a.prelu(node.x, operand(node, 1)),
  ThresholdedRelu: (node) => a.thresholdedRelu(node.x, node.float('alpha', 1)),
  Elu: (node) => a.elu(node.x, node.float('alpha', 1)),
  Selu: (node) =>
    a.selu(node.x, node.float('alpha', 1.6732632423543772), node.float('gamma', 1.0507009873554805)),
  Celu: (node) => a.celu(node.x, node.float('alpha', 1)),
  Gelu: (node) => (node.string('approximate', 'none') === 'tanh' ? a.geluTanh(node.x) : gelu(node.x)),
  Mish: unary(a.mish),
  Sigmoid: unary(sigmoid),
  HardSigmoid: (node) => a.hardSigmoid(node.x, node.float('alpha', 0.2), node.float('beta', 0.5)),
  HardSwish: unary(a.hardSwish),
  Softplus: unary(softplus),
  Softsign: unary(a.softsign),
  Shrink: (node) => a.shrink(node.x, node.float('lambd', 0.5), node.float('bias', 0)),
};
