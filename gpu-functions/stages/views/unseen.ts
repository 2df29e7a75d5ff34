import { smoothStep } from '../ramp.ts';

/** Azimuths in degrees between which a view goes from what the imagined picture shows to what it does not. */
const [SEEN, UNSEEN] = [25, 90];

/**
 * How much a view from an azimuth in degrees is free to change: the front was fitted to the imagined picture and is
 * kept, of the back the portrait so far only has the generator's guess.
 */
export function unseenShare(azimuth: number): number {
  const wrapped = azimuth - 360 * Math.round(azimuth / 360);
  return smoothStep(Math.abs(wrapped), SEEN, UNSEEN);
}

/**
 * The azimuth in degrees, 0 to 360, up to which a share of all views lies when each is drawn as often as it is free to change, and those
 * that are not at all `least` as often: views that would count little are drawn seldom, not weighed little.
 */
export function azimuthAt(share: number, least: number): number {
  const density = Array.from({ length: 360 }, (_, degree) => least + (1 - least) * unseenShare(degree + 0.5));
  let left = share * density.reduce((sum, x) => sum + x, 0);
  for (const [degree, x] of density.entries()) {
    if (left < x) return degree + left / x;
    left -= x;
  }
  return 360;
}
