import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeLatents,
  encodeLatents,
  restorer,
  latentSize,
  textEncoder,
  unet,
  MINI as MINI_DIFFUSION,
  type DiffusionConfig,
  type RestorerConfig,
  type UNetConfig,
} from '../../diffusion/index.ts';
import {
  constant,
  evaluate,
  float32,
  hostTensor,
  input,
  type HostTensor,
  type Value,
} from '../../graph/index.ts';
import {
  initialise,
  Random,
  storedParameters,
  traceParameters,
  type Parameters,
  type ParameterSpec,
  type WeightMap,
} from '../../nn/index.ts';
import {
  drawHiddenSide,
  drawSideView,
  encodeWithDetail,
  MINI as MINI_GENERATOR,
  rowsOfW,
  SIDE_VIEW_PLANES,
  synthesisePyramid,
  trigridField,
  type EncoderConfig,
  type GeneratorConfig,
  type HiddenSideConfig,
  type SideViewConfig,
} from '../../portrait/index.ts';
import { writeSafetensors } from '../../weights/index.ts';

/** Everything that says which networks a profile has. */
export interface ProfileConfigs {
  generator: GeneratorConfig;
  encoder: EncoderConfig;
  diffusion: DiffusionConfig;
  /** What draws what a picture does not show, if anything does. */
  unseen?: { hiddenSide: HiddenSideConfig; sideView: SideViewConfig };
  words: readonly string[];
  /** `stages` of the manifest. */
  stages: Record<string, Record<string, unknown>>;
}

const WORDS = [
  'front',
  'side',
  'back',
  'view',
  'a',
  'man',
  'woman',
  'old',
  'young',
  'with',
  'red',
  'white',
  'beard',
];

const DETAILS: UNetConfig = {
  ...MINI_DIFFUSION.restorers!['restorer']!.unet,
  sampleSize: 32,
  blockChannels: [8, 16],
  attention: ['none', 'self+cross'],
  heads: 2,
  normGroups: 4,
  contextChannels: 16,
};

const UNSEEN: SideViewConfig = {
  imageSize: 32,
  patch: 4,
  channels: [8, 8],
  decoder: { stem: 4, channels: [8, 8] },
};

/** The networks of the bundled profile in small: every kind of layer, a few thousand weights. */
export const TINY: ProfileConfigs = {
  generator: {
    ...MINI_GENERATOR,
    wDim: 16,
    zDim: 16,
    features: 4,
    backboneResolution: 8,
    decoder: { ...MINI_GENERATOR.decoder, hidden: 16 },
  },
  encoder: {
    imageSize: 32,
    patch: 4,
    channels: [8, 8],
    wDim: 16,
    detail: { stem: 4, channels: [8, 8], across: 4, hidden: 8, depthTexels: 8 },
  },
  diffusion: {
    vae: {
      ...MINI_DIFFUSION.vae,
      imageSize: 32,
      blockChannels: [8, 8],
      decoder: { channels: [8, 8, 8], layersPerBlock: 1, midBlock: 'resnets', patch: 4 },
      normGroups: 4,
    },
    unet: {
      ...MINI_DIFFUSION.unet,
      sampleSize: 4,
      blockChannels: [8, 16],
      attention: ['cross', 'self+cross'],
      heads: 2,
      normGroups: 4,
      contextChannels: 16,
      pooledContext: true,
    },
    textEncoder: {
      ...MINI_DIFFUSION.textEncoder,
      vocabularySize: WORDS.length + 3,
      maxTokens: 12,
      width: 16,
      layers: 1,
      heads: 2,
      intermediate: 32,
    },
    restorers: {
      restorer: { imageSize: 32, gain: 4, unet: DETAILS },
      'face-restorer': {
        imageSize: 32,
        region: { top: 8, left: 10, height: 16, width: 12 },
        gain: 4,
        unet: DETAILS,
      },
    },
  },
  unseen: {
    hiddenSide: { ...UNSEEN, middle: MINI_GENERATOR.camera.radius },
    sideView: UNSEEN,
  },
  words: WORDS,
  stages: {
    // Networks that know nothing draw noise.
    imagine: { samplerSteps: 3, draws: 2, scoreTimesteps: [300], pictureCheck: 'off' },
    invert: {
      steps: 6,
      stepsPerRound: 2,
      gridPoints: 17,
      size: 32,
      patches: 6,
      samples: 10,
      fitSteps: 4,
      guardViews: 2,
    },
    fit: { finestSide: 32, stepsPerRound: 2, gridPoints: 17, patches: 6, samples: 10 },
    distill: { steps: 6, stepsPerRound: 2, gridPoints: 17, size: 16, samples: 8 },
    refine: { views: 3, steps: 6 },
    render: {
      gridPoints: 17,
      frontSize: 32,
      stripSize: 24,
      turntableSize: 24,
      turntableFrames: 4,
      meshTriangles: 400,
      textureSize: 64,
    },
  },
};

/** The bundled profile's sizes. */
export const MINI: ProfileConfigs = {
  generator: MINI_GENERATOR,
  encoder: { imageSize: 128, patch: 4, channels: [48, 96, 160, 224], wDim: MINI_GENERATOR.wDim },
  diffusion: MINI_DIFFUSION,
  words: WORDS,
  stages: {},
};

/** Raw density of random scenes over the box: mean and standard deviation. */
const [DENSITY_MEAN, DENSITY_SPREAD] = [-8, 12];
const PROBES = 2000;
const STYLE_STRENGTH = 0.1;

/**
 * Writes a profile of randomly initialised networks: real in everything but that nothing was learned. Its portraits are
 * blobs, equal for equal seeds.
 */
export async function writeRandomProfile(folder: string, configs: ProfileConfigs, seed = 1): Promise<void> {
  const { generator, encoder, diffusion, unseen, words, stages } = configs;
  await mkdir(folder, { recursive: true });
  const files: [name: string, weights: WeightMap][] = [
    ['generator', await generatorWeights(generator, seed)],
    ['encoder', encoderWeights(encoder, generator, seed)],
    ...diffusionWeights(diffusion, seed),
    ...(unseen ? unseenWeights(unseen, seed) : []),
  ];
  for (const [name, weights] of files) await writeSafetensors(join(folder, `${name}.safetensors`), weights);
  await writeFile(join(folder, 'vocabulary.json'), JSON.stringify(words));
  const manifest = {
    name: 'random',
    version: '1',
    description: 'Randomly initialised networks for tests.',
    licence: 'MIT',
    networks: {
      generator: network('generator', generator),
      encoder: network('encoder', encoder),
      vae: network('vae', diffusion.vae),
      unet: network('unet', diffusion.unet),
      'text-encoder': network('text-encoder', diffusion.textEncoder),
      ...mapped(diffusion.restorers ?? {}, (config, name) => network(name, config)),
      ...(unseen && {
        'hidden-side': network('hidden-side', unseen.hiddenSide),
        'side-view': network('side-view', unseen.sideView),
      }),
      vocabulary: { file: 'vocabulary.json', config: {} },
    },
    stages,
  };
  await writeFile(join(folder, 'profile.json'), JSON.stringify(manifest, undefined, 2));
}

const network = (name: string, config: object) => ({ file: `${name}.safetensors`, config });

/** Weights of a generator whose decoder is scaled so that its scenes are partly solid, partly empty. */
async function generatorWeights(config: GeneratorConfig, seed: number): Promise<WeightMap> {
  const density = (p: Parameters, points: Value): Value => {
    const ws = constant(
      hostTensor(new Random(seed).normals(rowsOfW(config) * config.wDim), [1, rowsOfW(config), config.wDim]),
    );
    const levels = synthesisePyramid(p.at('backbone.synthesis'), config, ws);
    return trigridField(p, config, levels)(points).sigma;
  };
  const weights = initialise(
    traceParameters((p) => density(p, input('points', [1, 1, 3]))),
    seed,
  );
  // Latents style the layers only a little, so that every latent's scene is like the one that is measured here.
  for (const [name, { data }] of weights) {
    if (name.endsWith('affine.weight'))
      (data as Float32Array).forEach((x, i, all) => (all[i] = x * STYLE_STRENGTH));
  }
  const probes = new Random(seed).uniforms(3 * PROBES).map((x) => x - 0.5);
  const points = constant(hostTensor(probes, [1, PROBES, 3]));
  const { sigma } = await evaluate({ sigma: density(storedParameters(weights), points) });
  const values = [...float32(sigma)];
  const mean = values.reduce((a, b) => a + b, 0) / PROBES;
  const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / PROBES);
  const gain = DENSITY_SPREAD / spread;
  const row = (weights.get('decoder.net.2.weight')!.data as Float32Array).subarray(0, config.decoder.hidden);
  row.forEach((x, i) => (row[i] = x * gain));
  (weights.get('decoder.net.2.bias')!.data as Float32Array)[0] =
    (DENSITY_MEAN - mean * gain) / (config.decoder.densityGain ?? 1);
  return weights;
}

function encoderWeights(config: EncoderConfig, generator: GeneratorConfig, seed: number): WeightMap {
  const image = input('image', [1, 4, config.imageSize, config.imageSize]);
  return initialise(
    traceParameters((p) => encodeWithDetail(p, config, generator, image)),
    seed,
  );
}

function diffusionWeights(
  { vae, unet: denoiser, textEncoder: text, restorers }: DiffusionConfig,
  seed: number,
): [string, WeightMap][] {
  const side = latentSize(vae);
  const latents = input('latents', [1, vae.latentChannels, side, side]);
  const image = input('image', [1, vae.imageChannels, vae.imageSize, vae.imageSize]);
  const context = input('context', [1, text.maxTokens, text.width]);
  const ids = input('ids', [1, text.maxTokens], 'int64');
  const specs = {
    vae: traceParameters((p) => [encodeLatents(p, image, vae), decodeLatents(p, latents, vae)]),
    unet: traceParameters((p) => unet(p, latents, input('timesteps', [1]), context, denoiser)),
    'text-encoder': traceParameters((p) => textEncoder(p, ids, text)),
    ...mapped(restorers ?? {}, (config) => restorerSpecs(config, context)),
  };
  return noisyWeights(specs, seed);
}

function unseenWeights(
  { hiddenSide, sideView }: Required<ProfileConfigs>['unseen'],
  seed: number,
): [string, WeightMap][] {
  const [image, seen] = [
    input('image', [1, 4, hiddenSide.imageSize, hiddenSide.imageSize]),
    input('seen', [1, SIDE_VIEW_PLANES, sideView.imageSize, sideView.imageSize]),
  ];
  const specs = {
    'hidden-side': traceParameters((p) => Object.values(drawHiddenSide(p, hiddenSide, image))),
    'side-view': traceParameters((p) => Object.values(drawSideView(p, sideView, seen))),
  };
  return noisyWeights(specs, seed);
}

function restorerSpecs(config: RestorerConfig, context: Value): ParameterSpec[] {
  const { height, width } = config.region ?? { height: config.imageSize, width: config.imageSize };
  const [noisy, pictures] = [input('noisy', [1, 3, height, width]), input('pictures', [1, 4, height, width])];
  return traceParameters((p) => restorer(p, noisy, pictures, input('timesteps', [1]), context, config));
}

function mapped<A, B>(
  from: Readonly<Record<string, A>>,
  to: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value, name)]));
}

/** Random weights of networks by their parameters. */
const noisyWeights = (specs: Record<string, ParameterSpec[]>, seed: number): [string, WeightMap][] =>
  Object.entries(specs).map(([name, list]) => [name, withNoise(initialise(list, seed), seed)]);

/** Zero-initialised weights perturbed, so that no part of a network is without effect. */
function withNoise(weights: WeightMap, seed: number): WeightMap {
  const random = new Random(seed);
  const perturb = (name: string, { data, shape }: HostTensor): HostTensor => {
    const noise = random.fork(name).normals(data.length, 0.05);
    return hostTensor(
      (data as Float32Array).map((x, i) => x + noise[i]),
      shape,
    );
  };
  return new Map([...weights].map(([name, weight]) => [name, perturb(name, weight)]));
}
