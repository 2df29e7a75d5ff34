import type { StageContext } from '../../gpu-functions/stages/stage.ts';

/** The context of a stage that runs in this process: nobody hears of its progress and warnings, and it keeps no checkpoint. */
export function quietContext(
  params: unknown,
  inputs: Record<string, Uint8Array>,
  signal: AbortSignal,
): StageContext {
  return {
    params,
    inputs,
    signal,
    progress: () => {},
    warn: () => {},
    checkpoint: { load: async () => undefined, save: async () => {} },
  };
}
