import { mul, sigmoid, slice, softplus, sub, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { GeneratorConfig } from './config.ts';
import { dense } from './styled-layers.ts';

/** What a field is at points: raw density (before bias and softplus) and features or colour. */
export interface FieldSample {
  /** [..., 1] */
  sigma: Value;
  /** [..., F] */
  features: Value;
}

/**
 * Tri-grid features to density and colour features (OSGDecoder): fully connected, softplus, fully connected.
 * With activation 'sigmoid' the features are colours, widened a little beyond [0, 1] (mip-NeRF).
 *
 * @param p parameters below `decoder` (net.0.weight, …) @param x [..., features]
 */
export function decode(p: Parameters, config: GeneratorConfig, x: Value): FieldSample {
  const { hidden, outputs, activation, densityGain = 1 } = config.decoder;
  const y = dense(p.at('net.2'), softplus(dense(p.at('net.0'), x, hidden)), 1 + outputs);
  const axis = y.shape.length - 1;
  const features = slice(y, axis, 1, 1 + outputs);
  return {
    sigma: densityGain === 1 ? slice(y, axis, 0, 1) : mul(slice(y, axis, 0, 1), densityGain),
    features: activation === 'sigmoid' ? sub(mul(sigmoid(features), 1.002), 0.001) : features,
  };
}
