/**
 * Latents of posterior parameters [N, 2L, s, s] (means, then log variances) in host memory: the mean, or with noise [N, L, s, s] a sample.
 * @param length elements of one latent, L·s·s
 */
export function samplePosteriorOf(
  parameters: Float32Array,
  length: number,
  noise?: Float32Array,
): Float32Array {
  const count = parameters.length / (2 * length);
  const out = new Float32Array(count * length);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < length; i++) {
      const mean = parameters[2 * n * length + i];
      const logVariance = Math.min(20, Math.max(-30, parameters[(2 * n + 1) * length + i]));
      const draw = noise ? noise[n * length + i] * Math.exp(0.5 * logVariance) : 0;
      out[n * length + i] = mean + draw;
    }
  }
  return out;
}
