import { FOCAL, LOOK_AT, RADIUS } from '../camera.ts';
import type { Background } from '../background.ts';
import type { Angles } from '../identity.ts';
import type { Attributes, HairWeights } from '../people/attributes.ts';

/** Raised whenever a seed renders differently, or more of it is written. */
export const VERSION = 7;

/** People per shard. */
export const SHARD_SIZE = 100;

/** What a dataset consists of. */
export interface DatasetPlan {
  seed: number;
  count: number;
  views: number;
  angles: Angles;
  size: number;
  /** How many of a person's views, the first ones, are also rendered from behind what they show: the side turned away from the camera, in the same pixels. */
  hidden: number;
  /** Set-ups of light that the views of a person take in turn. */
  lights: number;
  hair: HairWeights;
  background: Background;
}

/** `dataset.json`. A shard is complete once its JSON file exists, so training can start before rendering ends. */
export interface DatasetFile extends DatasetPlan {
  version: number;
  shardSize: number;
  shards: number;
  focal: number;
  lookAt: number[];
  radius: number;
}

export interface ViewRecord {
  /** Radians. */
  azimuth: number;
  elevation: number;
  /** Which of the person's lights. */
  light: number;
  /** Camera-to-world 4×4 (row-major, OpenCV axes) and normalised intrinsics 3×3. */
  camera: number[];
}

/** One person of `shard-NNNNN.json`; the pictures stand in the same order in `shard-NNNNN.bin`. */
export interface IdentityRecord {
  seed: number;
  attributes: Attributes;
  captions: string[];
  views: ViewRecord[];
}

export interface ShardFile {
  /** Index of the first person in the dataset. */
  first: number;
  /** Shape of the .bin file: people, views, rows, columns, RGBA (uint8, straight alpha). */
  shape: [people: number, views: number, height: number, width: number, channels: 4];
  identities: IdentityRecord[];
}

/** What is written of people beside their records, a file a shard each: all views of a person, one person after another, in `pixelBytes` a pixel. */
export const SHARD_CONTENTS = {
  /** RGBA, straight alpha. */
  pixels: { suffix: 'bin', pixelBytes: 4, views: 'views' },
  /** Steps of depths. */
  depths: { suffix: 'depth', pixelBytes: 1, views: 'views' },
  /** RGBA of all pixels of a hidden side, then the steps of their depths. */
  hiddenSides: { suffix: 'hidden', pixelBytes: 5, views: 'hidden' },
} as const;

export type ShardContent = keyof typeof SHARD_CONTENTS;

/** What a dataset has, and so its shards: nothing of no views is written. */
export const contentsOf = (plan: Pick<DatasetPlan, 'views' | 'hidden'>): ShardContent[] =>
  (Object.keys(SHARD_CONTENTS) as ShardContent[]).filter(
    (content) => plan[SHARD_CONTENTS[content].views] > 0,
  );

/** Bytes that one person's views take. */
export const bytesOf = (
  content: ShardContent,
  plan: Pick<DatasetPlan, 'views' | 'hidden' | 'size'>,
): number => SHARD_CONTENTS[content].pixelBytes * plan.size ** 2 * plan[SHARD_CONTENTS[content].views];

export const shardCount = ({ count }: DatasetPlan): number => Math.ceil(count / SHARD_SIZE);

export const shardName = (shard: number): string => `shard-${String(shard).padStart(5, '0')}`;

/** The dataset whose people models are judged by, and are never trained on. */
const HELD_OUT_DATASET = 1;
const SEEDS = 1_000_000;

/**
 * The seed of a person of a dataset.
 * @throws RangeError for the people that models are judged by, and where the next dataset's seeds would begin
 */
export function identitySeed(datasetSeed: number, index: number): number {
  if (datasetSeed === HELD_OUT_DATASET)
    throw new RangeError('The people of --seed 1 are those that models are judged by; choose another seed.');
  if (index >= SEEDS) throw new RangeError(`A dataset has at most ${SEEDS} people; use a second --seed.`);
  return datasetSeed * SEEDS + index;
}

export const datasetFile = (plan: DatasetPlan): DatasetFile => ({
  version: VERSION,
  ...plan,
  shardSize: SHARD_SIZE,
  shards: shardCount(plan),
  focal: FOCAL,
  lookAt: LOOK_AT,
  radius: RADIUS,
});
