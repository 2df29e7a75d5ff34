import type { Quality } from '../../shared/index.ts';
import { stages } from '../../gpu-functions/stages/index.ts';
import type { Models } from '../../gpu-functions/stages/index.ts';
import { quietContext } from './stage-context.ts';

/** The stages of a quality, less the rendering of files. */
const STAGES = {
  draft: ['imagine', 'invert'],
  standard: ['imagine', 'invert', 'distill', 'refine'],
  high: ['imagine', 'invert', 'distill', 'refine'],
} as const satisfies Record<Quality, readonly (keyof typeof stages)[]>;

export interface PortraitWanted {
  readonly prompt: string;
  readonly seed: number;
  readonly quality: Quality;
}

/**
 * Makes a portrait in this process, without service, cache or checkpoints.
 * @returns its strip of eight views, a PNG
 */
export async function portraitStrip(
  models: Models,
  { prompt, seed, quality }: PortraitWanted,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const text = { prompt, negative_prompt: '', seed, quality };
  const params = {
    imagine: { ...text, candidates: 4 },
    invert: { seed, quality },
    distill: text,
    refine: text,
    render: { quality, outputs: ['strip'] },
  };
  const inputs: Record<string, Uint8Array> = {};
  for (const stage of [...STAGES[quality], 'render'] as const) {
    const { outputs } = await stages[stage](models, quietContext(params[stage], inputs, signal));
    for (const [name, { bytes }] of Object.entries(outputs)) inputs[name] = bytes;
  }
  return inputs['strip.png'];
}
