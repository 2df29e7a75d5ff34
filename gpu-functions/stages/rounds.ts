import type { HostTensor } from '../graph/index.ts';
import { encodeCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { StageContext } from './stage.ts';

/** A checkpoint is written at the first end of a round this long after the last one, unless the store says otherwise. */
const CHECKPOINT_MS = 5_000;

export interface Rounds {
  /** Names the loop in checkpoints. */
  phase: string;
  steps: number;
  stepsPerRound: number;
  /** Part of the stage's progress that this loop covers. */
  span: readonly [from: number, to: number];
  /** Such as "distillation"; the progress message is "distillation step 40 of 120". */
  activity: string;
}

export type LoopState = Map<string, HostTensor>;

/** Called after each step of a round with the number of steps done in all. @throws the signal's reason when aborted. */
export type Tick = (step: number, preview?: Uint8Array) => void;

/**
 * Runs a loop in rounds of a few steps. `round` takes the state and the steps `[from, to)` and gives the next state;
 * it must be a function of these alone, since after an interruption the loop goes on from the end of an earlier round.
 * An aborted loop leaves a checkpoint of its last whole round and rejects with the signal's reason.
 */
export async function runRounds(
  context: Pick<StageContext, 'signal' | 'progress' | 'checkpoint'>,
  { phase, steps, stepsPerRound, span, activity }: Rounds,
  start: { state: LoopState; step: number },
  round: (state: LoopState, from: number, to: number, tick: Tick) => Promise<LoopState>,
): Promise<LoopState> {
  let { state, step } = start;
  let saved = step;
  let savedAt = performance.now();
  const save = async () => {
    if (step === saved) return;
    await context.checkpoint.save(encodeCheckpoint({ phase, step, tensors: state }));
    saved = step;
    savedAt = performance.now();
  };
  const tick: Tick = (done, preview) => {
    context.progress(span[0] + ((span[1] - span[0]) * done) / steps, {
      message: `${activity} step ${done} of ${steps}`,
      step: done,
      steps,
      ...(preview && { preview }),
    });
    context.signal.throwIfAborted();
  };
  try {
    while (step < steps) {
      context.signal.throwIfAborted();
      const to = Math.min(steps, step + stepsPerRound);
      state = await round(state, step, to, tick);
      step = to;
      if (performance.now() - savedAt > (context.checkpoint.everyMs ?? CHECKPOINT_MS)) await save();
    }
  } catch (error) {
    if (context.signal.aborted) await save();
    throw error;
  }
  return state;
}

/** Where a loop starts: at the checkpoint if it is of this phase, else at `initial`. */
export function startOf(
  phase: string,
  checkpoint: Checkpoint | undefined,
  initial: () => LoopState,
): { state: LoopState; step: number } {
  return checkpoint?.phase === phase
    ? { state: checkpoint.tensors, step: checkpoint.step }
    : { state: initial(), step: 0 };
}
