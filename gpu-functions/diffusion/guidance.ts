import type { HostTensor } from '../graph/index.ts';
import { joined } from './batch-lanes.ts';
import type { Denoiser } from './networks.ts';
import type { Predict } from './sampling.ts';
import { combine } from './schedule.ts';

/** The states of one text [1, T, E], n times. */
export function repeatContext(context: HostTensor, n: number): HostTensor {
  return joined(Array.from({ length: n }, () => context));
}

export interface Guidance {
  /** States [N, T, E] of the prompt of each latent. */
  readonly positive: HostTensor;
  /** States [N, T, E] of the negative prompt, or of the empty text. */
  readonly negative: HostTensor;
  /** 1 is no guidance: the negative text is then not evaluated. */
  readonly scale: number;
}

/**
 * Predictions for latents without the text and with it, both in one run of twice the batch.
 * @returns views of one array
 */
export function predictBoth(
  denoiser: Denoiser,
  { positive, negative }: Pick<Guidance, 'positive' | 'negative'>,
): (latents: Float32Array, timestep: number) => Promise<[without: Float32Array, withText: Float32Array]> {
  const context = joined([negative, positive]);
  return async (latents, timestep) => {
    const twice = new Float32Array(2 * latents.length);
    twice.set(latents);
    twice.set(latents, latents.length);
    const both = await denoiser.predict(twice, timestep, context);
    return [both.subarray(0, latents.length), both.subarray(latents.length)];
  };
}

/**
 * Classifier-free guidance (Ho & Salimans 2022): negative + scale·(positive − negative), by {@link predictBoth}.
 * Linear, so it is the same for ε and v.
 */
export function guided(denoiser: Denoiser, { positive, negative, scale }: Guidance): Predict {
  if (scale === 1) return (latents, t) => denoiser.predict(latents, t, positive);
  const predict = predictBoth(denoiser, { positive, negative });
  return async (latents, t) => {
    const [without, withText] = await predict(latents, t);
    return combine(1 - scale, without, scale, withText);
  };
}
