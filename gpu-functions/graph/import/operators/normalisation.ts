import { operand, type Importing, type Importers } from '../importing.ts';
import { add, div, mul, sqrt, sub } from '../../ops/elementwise.ts';
import * as n from '../../ops/normalisation.ts';
import { lpNormalise } from '../../ops/norms.ts';
import { mean } from '../../ops/reduce.ts';
import { expand, reshape } from '../../ops/shape.ts';
import { sizeOf } from '../../tensor.ts';
import { normaliseAxis, type Value } from '../../value.ts';

/** With statistics for each place rather than each channel, which opset 9 gave up. */
function placeNormalisation(node: Importing): Value {
  const places = [1, ...node.x.shape.slice(1)];
  const [scale, bias, average, variance] = [1, 2, 3, 4].map((i) => reshape(operand(node, i), places));
  const deviation = sqrt(add(variance, node.float('epsilon', 1e-5)));
  return add(mul(div(sub(node.x, average), deviation), scale), bias);
}

function batchNormalisation(node: Importing): (Value | undefined)[] {
  if (node.int('spatial', 1) === 0) return [placeNormalisation(node)];
  const [scale, bias, runningMean, runningVariance] = [1, 2, 3, 4].map((i) => operand(node, i));
  const eps = node.float('epsilon', 1e-5);
  if (node.int('training_mode', 0) === 0) {
    return [n.batchNorm(node.x, scale, bias, runningMean, runningVariance, eps)];
  }
  const batch = n.channelStatistics(node.x);
  const momentum = node.float('momentum', 0.9);
  const moved = (old: Value, now: Value): Value => add(mul(old, momentum), mul(now, 1 - momentum));
  return [
    n.batchNorm(node.x, scale, bias, batch.mean, batch.variance, eps),
    moved(runningMean, batch.mean),
    moved(runningVariance, batch.variance),
  ];
}

function layerNormalisation(node: Importing): (Value | undefined)[] {
  const { x } = node;
  const axis = normaliseAxis(node.int('axis', -1), x.shape.length, 'LayerNormalization');
  const rest = x.shape.slice(axis);
  const eps = node.float('epsilon', 1e-5);
  // Scale and bias may have fewer axes.
  const whole = (v: Value | undefined): Value | null => (v ? expand(v, rest) : null);
  const axes = [...x.shape.keys()].slice(axis);
  return [
    n.layerNorm(x, whole(operand(node, 1)), whole(node.inputs[2]), eps, axis),
    node.outputs[1] ? mean(x, axes, true) : undefined,
    node.outputs[2] ? n.inverseDeviation(x, axes, eps) : undefined,
  ];
}

/** Until opset 21 scale and bias belong to groups, since then to channels. */
function groupNormalisation(node: Importing): Value {
  const { x } = node;
  const groups = node.int('num_groups', 1);
  const perChannel = (v: Value): Value => {
    if (sizeOf(v.shape) === x.shape[1]) return v;
    const wide = expand(reshape(v, [groups, 1]), [groups, x.shape[1] / groups]);
    return reshape(wide, [x.shape[1]]);
  };
  const [scale, bias] = [1, 2].map((i) => perChannel(operand(node, i)));
  return n.groupNorm(x, groups, scale, bias, node.float('epsilon', 1e-5));
}

/** Normalisations. */
export const normalisations: Importers = {
  BatchNormalization: batchNormalisation,
  InstanceNormalization: (node) =>
    n.groupNorm(node.x, node.x.shape[1], operand(node, 1), operand(node, 2), node.float('epsilon', 1e-5)),
  GroupNormalization: groupNormalisation,
  LayerNormalization: layerNormalisation,
  LRN: (node) =>
    n.localResponseNorm(node.x, node.int('size', 1), {
      alpha: node.float('alpha', 1e-4),
      beta: node.float('beta', 0.75),
      bias: node.float('bias', 1),
    }),
  LpNormalization: (node) => {
    const p = node.int('p', 2);
    if (p !== 1 && p !== 2) return node.refuse(`its norm is of the order ${p}, not 1 or 2`);
    return lpNormalise(node.x, node.int('axis', -1), p);
  },
  MeanVarianceNormalization: (node) => n.meanVarianceNorm(node.x, node.ints('axes') ?? [0, 2, 3]),
};
