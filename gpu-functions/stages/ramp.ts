/** A rate over a loop, t from 0 to 1: constant, then a cosine to zero over the last `share` (StyleGAN2's projector). */
export function rampDown(t: number, share = 0.25): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, (1 - t) / share));
}

/** Hermite step from 0 at `from` to 1 at `to`. */
export function smoothStep(x: number, from: number, to: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
