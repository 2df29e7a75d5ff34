import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MINI,
  slotColumns,
  slotOffsets,
  textSlotLogits,
  viewPrompt,
  wordTokenizer,
  wordsOf,
} from '../../gpu-functions/diffusion/index.ts';
import type { TextEncoderConfig, Tokenizer, ViewName } from '../../gpu-functions/diffusion/index.ts';
import {
  cast,
  div,
  greaterOrEqual,
  hostTensor,
  input,
  logSoftmax,
  mean,
  mul,
  neg,
  reduceMax,
  sum,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, Random } from '../../gpu-functions/nn/index.ts';
import { nothingSaid, sampleDescribed, vocabulary as captionWords } from '../synthetic/captions.ts';
import { exportNetwork, updateManifest } from './export.ts';
import type { TrainingOptions } from './main.ts';
import { PERSON_SLOTS, slotColumn } from './person-slots.ts';
import type { SlotName } from './person-slots.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 1600,
  fused: 20,
  learningRate: 1.5e-3,
  warmup: 100,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 100,
  checkpointSeconds: 120,
};

const BATCH = 64;

/** Words of the longest text in training, its start and end with them; read alike, longer ones need no training of their own. */
const MAX_TOKENS = 36;
/** Of which start, end and the side's name ("front view") take four, and one is spare. */
const MAX_WORDS = MAX_TOKENS - 5;

/** Every word of the captions, and those of the views; a word's id is its place. */
export const VOCABULARY: readonly string[] = [
  ...new Set([...captionWords.flatMap(wordsOf), 'front', 'side', 'back', 'view']),
].toSorted();

/** Share of texts that name the side seen, of texts that are empty, and of those that say nothing of a person. */
const VIEW_SAID = 0.75;
const EMPTY = 0.02;
const NOTHING_SAID = 0.02;

/** A caption drawn anew, and the column of each slot that it says; 0 where it does not. */
function drawText(random: Random): { text: string; columns: number[] } {
  const columns = PERSON_SLOTS.map(() => 0);
  if (random.uniform() < EMPTY) return { text: '', columns };
  const set = (name: SlotName, value: string) => {
    columns[PERSON_SLOTS.findIndex((slot) => slot.name === name)] = slotColumn(name, value);
  };
  const uniform = () => random.uniform();
  let text: string;
  if (random.uniform() < NOTHING_SAID) text = nothingSaid(uniform);
  else {
    const described = sampleDescribed(uniform, MAX_WORDS);
    text = described.text;
    for (const name of described.said) {
      const value = described.attributes[name];
      if (name !== 'hairVisible' && typeof value === 'string') set(name, value);
    }
  }
  if (random.uniform() >= VIEW_SAID) return { text, columns };
  const view = (['front', 'side', 'back'] as const satisfies ViewName[])[random.int(3)];
  set('view', view);
  return { text: viewPrompt(view, text), columns };
}

/** Cross-entropy of every slot; and of the slots that are said and of all, in how many the likeliest value is the true one. */
function textLoss(p: Parameters, batch: Record<string, Value>, config: TextEncoderConfig) {
  const { ids, targets, said } = batch;
  const logProbabilities = logSoftmax(textSlotLogits(p, ids, config), -1);
  const ofTarget = sum(mul(logProbabilities, targets), [2]);
  const right = cast(greaterOrEqual(ofTarget, reduceMax(logProbabilities, [2])), 'float32');
  return {
    loss: neg(mean(ofTarget)),
    metrics: { right: mean(right), rightOfSaid: div(sum(mul(right, said)), sum(said)) },
  };
}

/** Trains the text encoder to read the slots from captions, which are drawn anew for every step. */
export function textTask(tokenizer: Tokenizer, config: TextEncoderConfig): TrainingTask {
  const slots = PERSON_SLOTS.length;
  const columns = slotColumns(PERSON_SLOTS);
  const offsets = slotOffsets(PERSON_SLOTS);
  const batch = {
    ids: { shape: [BATCH, tokenizer.maxTokens], dtype: 'int64' as const },
    targets: { shape: [BATCH, slots, columns] },
    said: { shape: [BATCH, slots] },
  };
  return {
    name: 'text',
    specs: traceParameters((p) => textSlotLogits(p, input('ids', batch.ids.shape, batch.ids.dtype), config)),
    batch,
    loss: (p, values) => textLoss(p, values, config),
    draw(random) {
      const ids = new BigInt64Array(BATCH * tokenizer.maxTokens);
      const targets = new Float32Array(BATCH * slots * columns);
      const said = new Float32Array(BATCH * slots);
      for (let i = 0; i < BATCH; i++) {
        const drawn = drawText(random);
        ids.set(tokenizer.encode(drawn.text).ids.map(BigInt), i * tokenizer.maxTokens);
        drawn.columns.forEach((column, s) => {
          targets[(i * slots + s) * columns + offsets[s] + column] = 1;
          said[i * slots + s] = column > 0 ? 1 : 0;
        });
      }
      return {
        ids: hostTensor(ids, batch.ids.shape),
        targets: hostTensor(targets, batch.targets.shape),
        said: hostTensor(said, batch.said.shape),
      };
    },
  };
}

/** `npm run train -- text`; needs no data. With --export writes `text-encoder` and `vocabulary`. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const tokenizer = wordTokenizer(VOCABULARY, MAX_TOKENS);
  const config: TextEncoderConfig = {
    ...MINI.textEncoder,
    vocabularySize: tokenizer.vocabularySize,
    slots: PERSON_SLOTS,
  };
  if (!options.export) {
    const start = options.from ? await startingWeights(options.from, { 'text-encoder': '' }) : undefined;
    await train(textTask(tokenizer, config), scheduleOf(SCHEDULE, options), options.run, signal, start);
    return;
  }
  const { weights, step } = await averagedWeights(options.run);
  const provenance = { step, seed: options.seed, data: 'captions' };
  await exportNetwork(options.profile, 'text-encoder', config, weights, provenance);
  await writeFile(join(options.profile, 'vocabulary.json'), `${JSON.stringify(VOCABULARY)}\n`);
  await updateManifest(options.profile, 'vocabulary', 'vocabulary.json', {});
}
