import {
  add,
  concat,
  constant,
  gather,
  gradients,
  hostTensor,
  mul,
  reshape,
  resize2d,
  slice,
  stopGradient,
  sub,
} from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { DiffusionConfig } from './configs.ts';
import type { NoiseSchedule } from './schedule.ts';
import { unet } from './unet.ts';
import { encodeLatents } from './vae.ts';

const twice = (x: Value): Value => concat([x, x], 0);

export interface SdsInputs {
  /** Rendered pictures [N, C, S', S'] in [−1, 1]; resized bilinearly where S' is not the autoencoder's size. */
  readonly image: Value;
  /** Standard normal noise [N, L, s, s]. */
  readonly noise: Value;
  /** int64 [N] */
  readonly timesteps: Value;
  /** States [N, T, E] of the prompt as seen from each picture's side. */
  readonly positive: Value;
  /** States [N, T, E] of the negative or empty text. */
  readonly negative: Value;
  /** Guidance scale, a scalar. */
  readonly scale: Value;
  /** Noise [N, L, s, s] to sample the encoder's posterior; its mean is taken without. */
  readonly encoderNoise?: Value;
}

export interface SdsResult {
  /** Gradient [N, C, S', S'] of the score distillation loss with respect to the pictures. */
  readonly gradient: Value;
  /** Gradient [N, L, s, s] with respect to the latents, w(t)(ε − noise). */
  readonly latentGradient: Value;
  /** The denoiser's estimate [N, L, s, s] of the clean latents: where the gradient pulls to. */
  readonly clean: Value;
}

/**
 * Score distillation (DreamFusion, eq. 3) as one graph: pictures → latents → noisy latents → guided noise estimate, no gradient
 * through the denoiser; ∂L/∂latent = w(t)(ε − noise) with w(t) = 1 − ᾱ_t, carried back through the encoder to the pictures.
 */
export function sdsImageGradient(
  networks: { vae: Parameters; unet: Parameters },
  inputs: SdsInputs,
  config: DiffusionConfig,
  schedule: NoiseSchedule,
): SdsResult {
  const { image, noise, timesteps, positive, negative, scale } = inputs;
  const n = image.shape[0];
  const { imageSize } = config.vae;
  const resized =
    image.shape[2] === imageSize ? image : resize2d(image, [imageSize, imageSize], { mode: 'linear' });
  const latents = encodeLatents(networks.vae, resized, config.vae, inputs.encoderNoise);

  const table = (f: (alphaCumprod: number) => number): Value => {
    const values = constant(hostTensor(Float32Array.from(schedule.alphasCumprod, f), [schedule.steps]));
    return reshape(gather(values, timesteps), [n, 1, 1, 1]);
  };
  const signalRate = table(Math.sqrt);
  const noiseRate = table((a) => Math.sqrt(1 - a));
  const noisy = add(mul(stopGradient(latents), signalRate), mul(noise, noiseRate));
  const both = unet(
    networks.unet,
    twice(noisy),
    twice(timesteps),
    concat([negative, positive], 0),
    config.unet,
  );
  const without = slice(both, 0, 0, n);
  const predicted = add(without, mul(scale, sub(slice(both, 0, n, 2 * n), without)));

  const isVelocity = config.unet.prediction === 'v_prediction';
  const epsilon = isVelocity ? add(mul(noisy, noiseRate), mul(predicted, signalRate)) : predicted;
  const clean = isVelocity
    ? sub(mul(noisy, signalRate), mul(predicted, noiseRate))
    : mul(
        sub(noisy, mul(epsilon, noiseRate)),
        table((a) => 1 / Math.sqrt(a)),
      );
  const latentGradient = stopGradient(
    mul(
      sub(epsilon, noise),
      table((a) => 1 - a),
    ),
  );
  const [gradient] = gradients([latents], [image], [latentGradient]);
  return { gradient, latentGradient, clean };
}
