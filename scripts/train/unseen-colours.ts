import { concat, constant, mean, mul, slice, sub } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import type { Parameters } from '../../gpu-functions/nn/index.ts';
import { adversarialLoss, withoutJudges } from './adversarial.ts';
import type { Judge } from './adversarial.ts';
import { equalised, withEdges } from './discriminator.ts';
import { exportNetwork } from './export.ts';
import { charbonnier } from './losses.ts';
import type { TrainingOptions } from './main.ts';
import { averagedWeights } from './trainer.ts';
import type { TrainingSchedule } from './trainer.ts';

/** Who tells true colours of what a picture does not show from drawn ones, beside what is known: of several that would fit one is to be drawn, not their mean. */
export const JUDGES: readonly Judge[] = [{ name: 'discriminator', part: withEdges, patch: 4 }];
const SHARES = { features: 1, deception: 1.2 };

/** Channels of what they see: colours, and a picture with its alpha. */
export const SEEN = 3 + 4;

/** Softness of the loss of colours in [−1, 1]. */
const SOFTNESS = 0.03;

/** How networks learn that draw what a picture does not show. */
export const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 5000,
  fused: 10,
  learningRate: 2e-2,
  warmup: 100,
  beta1: 0.5,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 200,
  checkpointSeconds: 300,
};

/**
 * The Charbonnier loss of colours where somebody is, and what discriminators say of them.
 *
 * @param colour as drawn, [N, 3, S, S]
 * @param known what there is beside them, [N, 4, S, S]
 * @param batch the true `colour`; `mask` [N, 1, S, S], 1 where somebody is; `haze` and `heard` where there are judges
 */
export function unseenColoursLoss(
  p: Parameters,
  judges: readonly Judge[],
  colour: Value,
  known: Value,
  batch: Record<string, Value>,
) {
  const beside = (picture: Value): Value => concat([mul(picture, batch.mask), known], 1);
  const { loss, metrics } = adversarialLoss(
    equalised(p),
    judges,
    beside(colour),
    beside(batch.colour),
    (made) => charbonnier(sub(slice(made, 1, 0, 3), batch.colour), SOFTNESS, batch.mask),
    { agreement: constant(1), haze: batch.haze ?? constant(0), heard: batch.heard ?? constant(0) },
    SHARES,
  );
  const { pixels, ...heard } = metrics;
  return { loss, metrics: { colour: pixels!, covered: mean(batch.mask), ...heard } };
}

/** Writes what was learned, without who judged it, into a profile: large weights in 8 bits. */
export async function exportWithoutJudges(
  name: string,
  config: object,
  { run, profile, seed, data }: TrainingOptions,
): Promise<void> {
  const { weights, step } = await averagedWeights(run);
  await exportNetwork(profile, name, config, withoutJudges(weights, JUDGES), { step, seed, data }, 8);
}
