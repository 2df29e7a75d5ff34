import {
  MINI,
  SD15,
  encodeLatents,
  unet,
  type DiffusionConfig,
} from '../../../gpu-functions/diffusion/index.ts';
import { hostTensor, input, sizeOf, type HostTensor } from '../../../gpu-functions/graph/index.ts';
import {
  storedParameters,
  traceParameters,
  type Parameters,
  type ParameterSpec,
} from '../../../gpu-functions/nn/index.ts';
import {
  PORTRAIT3D,
  rowsOfW,
  synthesise,
  type GeneratorConfig,
} from '../../../gpu-functions/portrait/index.ts';

/** What the steps are measured with. */
export interface Sizes {
  readonly generator: GeneratorConfig;
  readonly diffusion: DiffusionConfig;
  /** Side of the rendered picture. */
  readonly rendered: number;
}

/** The released generator beside networks of Stable Diffusion 1.5's sizes. */
export const RELEASED: Sizes = { generator: PORTRAIT3D, diffusion: SD15, rendered: 128 };

/** Every kind of layer of those, small enough for a processor. */
export const TINY: Sizes = {
  generator: {
    ...PORTRAIT3D,
    zDim: 16,
    wDim: 16,
    features: 2,
    backboneResolution: 8,
    decoder: { ...PORTRAIT3D.decoder, hidden: 8, outputs: 8 },
    background: { resolution: 8, channelBase: 64, channelMax: 8 },
    superResolution: { inputResolution: 8, blocks: [{ channels: 8, up: 2 }], clamp: 256 },
    rendering: { ...PORTRAIT3D.rendering, samples: 6, importanceSamples: 6 },
  },
  diffusion: {
    ...SD15,
    vae: { ...SD15.vae, imageSize: 32, blockChannels: [8, 16], normGroups: 4 },
    unet: {
      ...SD15.unet,
      sampleSize: 16,
      blockChannels: [8, 16],
      attention: ['self+cross', 'none'],
      heads: 2,
      normGroups: 4,
      contextChannels: 16,
    },
    textEncoder: { ...MINI.textEncoder, maxTokens: 8, width: 16 },
  },
  rendered: 8,
};

/** Weights of the right sizes that keep activations near 1: what they are changes no time. */
export function randomParameters(build: (p: Parameters) => unknown): Parameters {
  const specs = traceParameters(build);
  return storedParameters(new Map(specs.map((spec, i) => [spec.name, randomWeight(spec, i)])));
}

function randomWeight({ shape, init }: ParameterSpec, seed: number): HostTensor {
  const data = new Float32Array(sizeOf(shape));
  if (init.kind === 'ones') return hostTensor(data.fill(1), shape);
  if (init.kind === 'constant') return hostTensor(data.fill(init.value), shape);
  if (init.kind === 'zeros') return hostTensor(data, shape);
  const bound = init.kind === 'uniform' ? init.bound : Math.sqrt(3) * init.std;
  let state = seed + 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = (bound * state) / 2 ** 31;
  }
  return hostTensor(data, shape);
}

/** The networks of a score distillation step. */
export function diffusionParameters({ vae, unet: denoiser, textEncoder }: DiffusionConfig): {
  vae: Parameters;
  unet: Parameters;
} {
  const latents = input('latents', [1, denoiser.latentChannels, denoiser.sampleSize, denoiser.sampleSize]);
  const states = input('states', [1, textEncoder.maxTokens, textEncoder.width]);
  return {
    vae: randomParameters((p) =>
      encodeLatents(p, input('image', [1, vae.imageChannels, vae.imageSize, vae.imageSize]), vae),
    ),
    unet: randomParameters((p) => unet(p, latents, input('t', [1], 'int64'), states, denoiser)),
  };
}

/** The generator with background, decoder and super-resolution. */
export function generatorParameters(config: GeneratorConfig): Parameters {
  const { samples, importanceSamples } = config.rendering;
  const draws = { jitter: input('jitter', [1, 16, samples]), u: input('u', [1, 16, importanceSamples]) };
  return randomParameters((p) =>
    synthesise(
      p,
      config,
      input('ws', [1, rowsOfW(config), config.wDim]),
      input('camera', [1, config.cDim]),
      draws,
      4,
    ),
  );
}
