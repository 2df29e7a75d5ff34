import {
  compile,
  concat,
  conv2d,
  float32,
  hostTensor,
  input,
  leakyRelu,
  matmul,
  add,
  openSession,
  reshape,
  slice,
  spaceToDepth,
} from '../../gpu-functions/graph/index.ts';
import type { Session, Value } from '../../gpu-functions/graph/index.ts';
import { storedParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { TRAITS, TRAIT_COLUMNS, TRAIT_OFFSETS } from './traits.ts';

/** Side of the pictures the judge is given; it learns from softened ones too, so that sharpness alone does not sway it. */
export const JUDGED_SIZE = 128;

/** Where the judge's weights are kept: it judges the product and is no part of it. */
export const JUDGE_FILE = 'scripts/evaluate/judge.safetensors';

const WIDTHS = [32, 64, 96] as const;

/** Rows and columns in which faces seen from the front lie: looked at more closely, for age and glasses. */
const FACE = { rows: [20, 84], columns: [32, 96] } as const;

function layer(p: Parameters, x: Value, channels: number, stride: number): Value {
  const fanIn = x.shape[1] * 9;
  const weight = p.get('weight', [channels, x.shape[1], 3, 3], { kind: 'normal', std: Math.sqrt(2 / fanIn) });
  const bias = p.get('bias', [channels], { kind: 'zeros' });
  return leakyRelu(conv2d(x, weight, { bias, stride, padding: 1 }), 0.1);
}

/** Convolutions of halving resolution over a picture folded by `patch`, flattened: [N, F]. */
function looked(p: Parameters, image: Value, patch: number): Value {
  let h = spaceToDepth(image, patch);
  WIDTHS.forEach((width, i) => {
    h = layer(p.at(`levels.${i}.down`), h, width, i === 0 ? 1 : 2);
    h = layer(p.at(`levels.${i}.conv`), h, width, 1);
  });
  return reshape(h, [image.shape[0], -1]);
}

/**
 * A small convolutional classifier of portraits: of the whole picture, and of the face in twice the detail.
 * @param image colour over white, [N, 3, 128, 128] in [−1, 1]
 * @returns logits [N, columns], the traits' values side by side
 */
export function judgeLogits(p: Parameters, image: Value): Value {
  const face = slice(slice(image, 2, ...FACE.rows), 3, ...FACE.columns);
  const flat = concat([looked(p, image, 4), looked(p.at('face'), face, 2)], 1);
  const length = flat.shape[1];
  const weight = p.get('out.weight', [length, TRAIT_COLUMNS], { kind: 'normal', std: 1 / Math.sqrt(length) });
  return add(matmul(flat, weight), p.get('out.bias', [TRAIT_COLUMNS], { kind: 'zeros' }));
}

/** What the judge sees in a picture: for each trait the likeliest value, and the probability of each of its values. */
export type Verdict = Readonly<Record<string, { value: string; probabilities: readonly number[] }>>;

/** The trained judge, one picture at a time. */
export interface Judge {
  /** @param image colour over white, [3, 128, 128] in [−1, 1] */
  look(image: Float32Array): Promise<Verdict>;
  close(): Promise<void>;
}

/** Opens the judge with its weights, in this thread. */
export async function openJudge(weights: WeightMap): Promise<Judge> {
  const shape = [1, 3, JUDGED_SIZE, JUDGED_SIZE];
  const logits = judgeLogits(storedParameters(weights), input('image', shape));
  const session: Session = await openSession(compile({ logits }), { inline: true });
  return {
    async look(image) {
      const result = await session.run({ image: hostTensor(image, shape) });
      return verdict(float32(result.logits));
    },
    close: () => session.close(),
  };
}

/** The likeliest value of each trait, and how likely each is. */
export function verdict(logits: Float32Array): Verdict {
  return Object.fromEntries(
    TRAITS.map(({ name, values }, t) => {
      const own = Array.from(logits.subarray(TRAIT_OFFSETS[t], TRAIT_OFFSETS[t] + values.length));
      const most = Math.max(...own);
      const weights = own.map((x) => Math.exp(x - most));
      const total = weights.reduce((sum, x) => sum + x, 0);
      const probabilities = weights.map((x) => Math.round((1e4 * x) / total) / 1e4);
      return [name, { value: values[own.indexOf(most)], probabilities }];
    }),
  );
}
