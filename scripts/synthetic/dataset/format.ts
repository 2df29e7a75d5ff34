import { FOCAL, LOOK_AT, RADIUS } from '../camera.ts';
import type { Background } from '../background.ts';
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

/** Bytes of a pixel of a hidden side: RGBA, and the step of its depth. */
export const HIDDEN_BYTES = 5;

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
