import type { Importing, Importers } from '../importing.ts';
import * as e from '../../ops/elementwise.ts';
import { groupNorm, layerNorm } from '../../ops/normalisation.ts';
import * as s from '../../ops/shape.ts';
import { normaliseAxis, type Value } from '../../value.ts';

function batchNormalisation(node: Importing): Value {
  const [x, scale, bias, mean, variance] = node.inputs as Value[];
  const spread = (v: Value): Value => s.reshape(v, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  const gain = e.mul(scale, e.rsqrt(e.add(variance, node.float('epsilon', 1e-5))));
  return e.add(e.mul(e.sub(x, spread(mean)), spread(gain)), spread(bias));
}

/** Normalisations. */
export const normalisations: Importers = {
  BatchNormalization: batchNormalisation,
  InstanceNormalization: (node) =>
    groupNorm(node.x, node.x.shape[1], node.inputs[1]!, node.inputs[2]!, node.float('epsilon', 1e-5)),
  LayerNormalization: (node) => {
    const axis = normaliseAxis(node.int('axis', -1), node.x.shape.length, 'LayerNormalization');
    if (axis !== node.x.shape.length - 1) node.refuse('only the last axis is normalised');
    return layerNorm(node.x, node.inputs[1]!, node.inputs[2] ?? null, node.float('epsilon', 1e-5));
  },
};
