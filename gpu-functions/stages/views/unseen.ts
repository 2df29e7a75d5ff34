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
