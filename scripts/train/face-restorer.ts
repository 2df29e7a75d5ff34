import type { TrainingOptions } from './main.ts';
import { trainRestorer } from './restorer.ts';

/** `npm run train -- face-restorer`: trains it on faces in the pictures that the profile's denoiser and decoder draw. */
export const run = (options: TrainingOptions, signal: AbortSignal): Promise<void> =>
  trainRestorer({ network: 'face-restorer', batch: 16, drawn: 1, shift: 2 }, options, signal);
