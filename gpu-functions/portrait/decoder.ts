import {
  add,
  inFloat32,
  matmul,
  mul,
  sigmoid,
  slice,
  softplus,
  sub,
  transposeLast,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { GeneratorConfig } from './config.ts';
import { dense, denseParameters } from './styled-layers.ts';

/** What a field is at points: raw density (before bias and softplus) and features or colour. */
export interface FieldSample {
  /** [..., 1] */
  sigma: Value;
  /** [..., F] */
  features: Value;
  /** Where the features are an affine function of something: that may be composited in their place, once a ray instead of once a point. */
  affine?: AffineFeatures;
}

/** Features as an affine function of `of`. */
export interface AffineFeatures {
  /** [..., H] */
  of: Value;
  /** Σ w·of [..., H] and Σ w [..., 1] → Σ w·features [..., F] */
  apply(sum: Value, total: Value): Value;
}

/**
 * Tri-grid features to density and colour features (OSGDecoder): fully connected, softplus, fully connected.
 * With activation 'sigmoid' the features are colours, widened a little beyond [0, 1] (mip-NeRF).
 *
 * @param parameters those below `decoder` (net.0.weight, …) @param x [..., features]
 */
export function decode(parameters: Parameters, config: GeneratorConfig, x: Value): FieldSample {
  // Part of rendering: a density's error is an error of the picture's shape.
  const p = inFloat32Parameters(parameters);
  const { hidden, outputs, activation, densityGain = 1 } = config.decoder;
  const inner = softplus(dense(p.at('net.0'), x, hidden));
  const { weight, bias, gain } = denseParameters(p.at('net.2'), hidden, 1 + outputs);
  // Density and features are two products, so that neither has to be cut out of a larger result.
  const scaled = mul(weight, gain);
  const part = (from: number, to: number): { linear: (v: Value) => Value; offset: Value } => ({
    linear: (v) => matmul(v, transposeLast(slice(scaled, 0, from, to))),
    offset: slice(bias, 0, from, to),
  });
  const [density, rest] = [part(0, 1), part(1, 1 + outputs)];
  const raw = add(density.linear(inner), density.offset);
  const sigma = densityGain === 1 ? raw : mul(raw, densityGain);
  const features = add(rest.linear(inner), rest.offset);
  if (activation === 'sigmoid') return { sigma, features: sub(mul(sigmoid(features), 1.002), 0.001) };
  const apply = (sum: Value, total: Value): Value => add(rest.linear(sum), mul(rest.offset, total));
  return { sigma, features, affine: { of: inner, apply } };
}

function inFloat32Parameters(p: Parameters): Parameters {
  return {
    get: (name, shape, init) => inFloat32(p.get(name, shape, init)),
    at: (prefix) => inFloat32Parameters(p.at(prefix)),
  };
}
