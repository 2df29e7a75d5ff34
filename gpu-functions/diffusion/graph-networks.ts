import { compile, float32, hostTensor, input } from '../graph/index.ts';
import type { HostTensor, Shape, Value } from '../graph/index.ts';
import { storedParameters } from '../nn/index.ts';
import type { WeightMap } from '../nn/index.ts';
import type { LaneOptions } from './batch-lanes.ts';
import { BatchedSessions } from './batched-sessions.ts';
import type { DiffusionConfig } from './configs.ts';
import { ContextSessions } from './context-sessions.ts';
import { dpmSolver } from './dpm-solver.ts';
import { CHANNELS, COLOURS, cutRegion, placedRegion, restorer } from './restorer.ts';
import type { RestorerConfig } from './restorer.ts';
import type { Autoencoder, Denoiser, DiffusionModel, Restorer, TextEncoder } from './networks.ts';
import { contextShape, textEncoder } from './text-encoder.ts';
import type { Tokenizer } from './tokenizer.ts';
import { scaledLinearSchedule } from './schedule.ts';
import { unet } from './unet.ts';
import { decodedSize, decodeLatents, encodeLatents, latentSize } from './vae.ts';

/** Weights of the networks by their state-dict names. */
export interface DiffusionWeights {
  readonly vae: WeightMap;
  readonly unet: WeightMap;
  readonly textEncoder: WeightMap;
  /** Of those that the configuration names. */
  readonly restorers?: Readonly<Record<string, WeightMap>>;
}

/** How the networks' sessions are opened, and in which precision products with their weights are computed (float32 where nothing is said). */
export type DiffusionOptions = LaneOptions & Pick<NonNullable<Parameters<typeof compile>[1]>, 'precision'>;

/** A flat batch as a tensor [N, …shape]. */
function batched(data: Float32Array, shape: Shape): HostTensor {
  const n = data.length / shape.reduce((a, b) => a * b, 1);
  return hostTensor(data, [n, ...shape]);
}

/** Sessions of the network that `build` makes for a batch size. */
function networkSessions(
  name: string,
  build: (batch: number) => Value,
  { precision = 'float32', ...options }: DiffusionOptions,
): BatchedSessions {
  return new BatchedSessions((batch) => compile({ output: build(batch) }, { name, precision }), options);
}

/** Sessions of the network with the input `context` that `build` makes for a batch size. */
function contextSessions(
  name: string,
  build: (batch: number) => Value,
  { precision = 'float32', ...options }: DiffusionOptions,
): ContextSessions {
  return new ContextSessions(build, { name, precision }, options);
}

/** Opens a diffusion model whose networks are graphs of this project. Sessions start on first use. */
export function openDiffusion(
  config: DiffusionConfig,
  weights: DiffusionWeights,
  tokenizer: Tokenizer,
  options: DiffusionOptions = {},
): DiffusionModel {
  const side = latentSize(config.vae);
  const { imageChannels, imageSize, latentChannels } = config.vae;
  const latentShape = [latentChannels, side, side] as const;
  const imageShape = [imageChannels, imageSize, imageSize] as const;
  const { maxTokens } = config.textEncoder;

  const sessions = (name: string, build: (batch: number) => Value) => networkSessions(name, build, options);

  const vae = storedParameters(weights.vae);
  const encoder = sessions('vae-encoder', (n) =>
    encodeLatents(vae, input('image', [n, ...imageShape]), config.vae),
  );
  const sampler = sessions('vae-encoder-sampled', (n) =>
    encodeLatents(vae, input('image', [n, ...imageShape]), config.vae, input('noise', [n, ...latentShape])),
  );
  const decoder = sessions('vae-decoder', (n) =>
    decodeLatents(vae, input('latents', [n, ...latentShape]), config.vae),
  );
  const denoising = contextSessions(
    'unet',
    (n) =>
      unet(
        storedParameters(weights.unet),
        input('latents', [n, ...latentShape]),
        input('timesteps', [n]),
        input('context', [n, ...contextShape(config.textEncoder)]),
        config.unet,
      ),
    options,
  );
  // Texts are few and read once: another thread would take longer to start.
  const texts = networkSessions(
    'text-encoder',
    (n) =>
      textEncoder(
        storedParameters(weights.textEncoder),
        input('ids', [n, maxTokens], 'int64'),
        config.textEncoder,
      ),
    { ...options, ...(options.lanes && { lanes: options.lanes.slice(0, 1) }) },
  );

  const denoiser: Denoiser = {
    prediction: config.unet.prediction,
    latentShape,
    prepare: (latents) => denoising.prepare(latents),
    async predict(latents, timestep, context) {
      const fed = batched(latents, latentShape);
      const n = fed.shape[0];
      const timesteps = hostTensor(new Float32Array(n).fill(timestep), [n]);
      return float32(await denoising.run({ latents: fed, timesteps }, context));
    },
  };
  const autoencoder: Autoencoder = {
    imageShape,
    decodedSide: decodedSize(config.vae),
    latentShape,
    async encode(images, noise) {
      const image = batched(images, imageShape);
      const n = image.shape[0];
      if (!noise) return float32(await encoder.run(n, { image }));
      return float32(await sampler.run(n, { image, noise: batched(noise, latentShape) }));
    },
    async decode(latents) {
      const fed = batched(latents, latentShape);
      return float32(await decoder.run(fed.shape[0], { latents: fed }));
    },
  };
  const encoderOfTexts: TextEncoder = {
    tokenizer,
    encode: (ids) =>
      texts.run(ids.length, {
        ids: hostTensor(BigInt64Array.from(ids.flat(), BigInt), [ids.length, maxTokens]),
      }),
  };
  // Each begins at another lane: they are opened side by side.
  const restorers = Object.entries(config.restorers ?? {}).map(([name, own], i) =>
    openRestorer(own, contextShape(config.textEncoder), weights.restorers![name]!, {
      ...options,
      ...(options.lanes && { lanes: turned(options.lanes, i + 1) }),
    }),
  );
  return {
    config,
    denoiser,
    autoencoder,
    textEncoder: encoderOfTexts,
    restorers,
    async close() {
      await Promise.all([encoder, sampler, decoder, denoising, texts, ...restorers].map((s) => s.close()));
    },
  };
}

/** The same in their order, from the i-th on. */
const turned = <T>(all: readonly T[], i: number): T[] => all.map((_, k) => all[(k + i) % all.length]);

/** Opens a restorer of details for texts' states of shape `context`, [T, E]. Sessions start on first use. */
export function openRestorer(
  config: RestorerConfig,
  context: Shape,
  weights: WeightMap,
  options: DiffusionOptions = {},
): Restorer & { close(): Promise<void> } {
  const { imageSize, region, gain } = config;
  const { height, width } = region ?? { height: imageSize, width: imageSize };
  const noiseShape = [COLOURS, height, width] as const;
  const pictureShape = [CHANNELS, height, width];
  const build = (n: number) =>
    restorer(
      storedParameters(weights),
      input('noisy', [n, ...noiseShape]),
      input('pictures', [n, ...pictureShape]),
      input('timesteps', [n]),
      input('context', [n, ...context]),
      config,
    );
  const restoring = contextSessions('restorer', build, options);
  const sampler = dpmSolver(scaledLinearSchedule(), config.unet.prediction);
  return {
    imageSize,
    noiseShape,
    ...(region && { region }),
    prepare: (pictures) => restoring.prepare(pictures),
    async change(planes, states, noise, sampling) {
      const pictures = batched(region ? cutRegion(planes, imageSize, region) : planes, pictureShape);
      const n = pictures.shape[0];
      const predict = async (noisy: Float32Array, t: number) => {
        const timesteps = hostTensor(new Float32Array(n).fill(t), [n]);
        const feeds = { noisy: batched(noisy, noiseShape), pictures, timesteps };
        return float32(await restoring.run(feeds, states));
      };
      const change = (await sampler(noise, predict, sampling)).map((x) => x / gain);
      return region ? placedRegion(change, imageSize, region) : change;
    },
    close: () => restoring.close(),
  };
}
