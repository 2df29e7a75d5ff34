import type { RestorerConfig } from './restorer.ts';
import type { TextEncoderConfig } from './text-encoder.ts';
import type { UNetConfig } from './unet.ts';
import type { VaeConfig } from './vae.ts';

/** The networks of a latent diffusion model. */
export interface DiffusionConfig {
  readonly vae: VaeConfig;
  readonly unet: UNetConfig;
  readonly textEncoder: TextEncoderConfig;
  /** By the names of networks, in the order in which they draw: where latents are too coarse for details. */
  readonly restorers?: Readonly<Record<string, RestorerConfig>>;
}

/** Stable Diffusion 1.x, as in its published diffusers configuration. */
export const SD15: DiffusionConfig = {
  vae: {
    imageChannels: 3,
    latentChannels: 4,
    imageSize: 512,
    blockChannels: [128, 256, 512, 512],
    layersPerBlock: 2,
    normGroups: 32,
    midBlock: 'resnets+attention',
    patch: 1,
    latentMean: [0, 0, 0, 0],
    latentStd: Array.from({ length: 4 }, () => 1 / 0.18215),
  },
  unet: {
    latentChannels: 4,
    sampleSize: 64,
    blockChannels: [320, 640, 1280, 1280],
    attention: ['self+cross', 'self+cross', 'self+cross', 'none'],
    layersPerBlock: 2,
    heads: 8,
    normGroups: 32,
    contextChannels: 768,
    pooledContext: false,
    patch: 1,
    prediction: 'epsilon',
  },
  textEncoder: {
    vocabularySize: 49408,
    maxTokens: 77,
    width: 768,
    layers: 12,
    heads: 12,
    intermediate: 3072,
    activation: 'quick_gelu',
    causal: true,
  },
};

/** Denoises what details change. */
const DETAILS = {
  latentChannels: 3,
  blockChannels: [64, 96, 128],
  attention: ['none', 'none', 'self+cross'],
  layersPerBlock: 1,
  heads: 4,
  normGroups: 16,
  contextChannels: 128,
  pooledContext: true,
  patch: 2,
  prediction: 'v_prediction',
} as const;

/** The bundled model: RGBA portraits seen in 128² and drawn in 256², 16²×8 latents, trained from scratch on synthetic people. */
export const MINI: DiffusionConfig = {
  vae: {
    imageChannels: 4,
    latentChannels: 8,
    imageSize: 128,
    blockChannels: [32, 64],
    decoder: { channels: [48, 80, 128], layersPerBlock: 1, midBlock: 'resnets+attention', patch: 4 },
    layersPerBlock: 1,
    normGroups: 8,
    midBlock: 'none',
    patch: 4,
    latentMean: Array.from({ length: 8 }, () => 0),
    latentStd: Array.from({ length: 8 }, () => 1),
  },
  unet: {
    latentChannels: 8,
    sampleSize: 16,
    blockChannels: [64, 128],
    attention: ['self+cross', 'self+cross'],
    layersPerBlock: 1,
    heads: 4,
    normGroups: 16,
    contextChannels: 128,
    pooledContext: true,
    patch: 2,
    fine: { channels: 48, blocks: 2 },
    prediction: 'v_prediction',
  },
  textEncoder: {
    vocabularySize: 512,
    maxTokens: 64,
    width: 128,
    layers: 2,
    heads: 4,
    intermediate: 384,
    activation: 'gelu',
    causal: false,
    window: 2,
  },
  restorers: {
    restorer: { imageSize: 128, gain: 4, unet: { ...DETAILS, sampleSize: 128 } },
    'face-restorer': {
      imageSize: 128,
      region: { top: 32, left: 40, height: 64, width: 48 },
      gain: 4,
      unet: { ...DETAILS, sampleSize: 64 },
    },
  },
};
