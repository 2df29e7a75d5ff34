import { operand, type Importing, type Importers } from '../importing.ts';
import { logSoftmax } from '../../ops/linear.ts';
import { negativeLogLikelihood } from '../../ops/losses.ts';
import type { Value } from '../../value.ts';

function likelihood(node: Importing, logs: Value): Value {
  const reduction = node.string('reduction', 'mean');
  if (reduction !== 'none' && reduction !== 'sum' && reduction !== 'mean') {
    return node.refuse(`its reduction '${reduction}' is not known`);
  }
  const weights = node.inputs[2];
  return negativeLogLikelihood(logs, operand(node, 1), {
    reduction,
    ...(weights ? { weights } : {}),
    ...(node.has('ignore_index') ? { ignore: node.int('ignore_index', 0) } : {}),
  });
}

/** Losses of classification. */
export const losses: Importers = {
  NegativeLogLikelihoodLoss: (node) => likelihood(node, node.x),
  SoftmaxCrossEntropyLoss: (node) => {
    const logs = logSoftmax(node.x, 1);
    return [likelihood(node, logs), logs];
  },
};
