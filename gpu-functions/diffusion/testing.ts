import { initialise, traceParameters } from '../nn/index.ts';
import type { Parameters, WeightMap } from '../nn/index.ts';
import type { DiffusionConfig } from './configs.ts';

/** A model small enough for tests, with every part that the big ones have. */
export const TINY: DiffusionConfig = {
  vae: {
    imageChannels: 4,
    latentChannels: 2,
    imageSize: 16,
    blockChannels: [4, 8],
    layersPerBlock: 1,
    normGroups: 2,
    midBlock: 'resnets+attention',
    patch: 2,
    latentMean: [0.1, -0.2],
    latentStd: [0.5, 2],
  },
  unet: {
    latentChannels: 2,
    sampleSize: 4,
    blockChannels: [8, 16],
    attention: ['cross', 'self+cross'],
    layersPerBlock: 1,
    heads: 2,
    normGroups: 4,
    contextChannels: 6,
    pooledContext: true,
    patch: 1,
    prediction: 'v_prediction',
  },
  textEncoder: {
    vocabularySize: 20,
    maxTokens: 5,
    width: 6,
    layers: 2,
    heads: 2,
    intermediate: 12,
    activation: 'quick_gelu',
    causal: true,
  },
};

/** Seeded weights of a network; zero-initialised ones are drawn too, so that every branch counts. */
export function randomWeights(build: (p: Parameters) => unknown, seed: number): WeightMap {
  const specs = traceParameters(build).map((spec) =>
    spec.init.kind === 'zeros' ? { ...spec, init: { kind: 'normal' as const, std: 0.1 } } : spec,
  );
  return initialise(specs, seed);
}
