import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MINI } from '../../gpu-functions/diffusion/index.ts';
import type { Region, RestorerConfig, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { hostTensor } from '../../gpu-functions/graph/index.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { centredPattern, measuresOf } from '../../gpu-functions/stages/imagine/faceness.ts';
import type {
  Eigenfaces,
  FaceMeasures,
  FacePattern,
  Usual,
} from '../../gpu-functions/stages/imagine/faceness.ts';
import type { Picture } from '../../gpu-functions/stages/picture.ts';
import { shrunk } from '../../gpu-functions/stages/planes.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT } from './dataset.ts';
import { decodedPictures } from './decoded-pictures.ts';
import type { Autoencoding } from './decoded-pictures.ts';
import { exportNetwork, rounded } from './export.ts';
import { datasetLatents, latentOf } from './latents.ts';
import type { TrainingOptions } from './main.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';

/** Side of the pictures that are looked at: the autoencoder keeps no more of a face than these show. */
const SIZE = 64;

/** Where they have the face: the region that is restored. */
const REGION = regionAt(MINI.restorers!['face-restorer']!, SIZE);

const COUNT = 8;

/** People that are looked at, and passes of subspace iteration. */
const [PEOPLE, PASSES] = [2000, 12];

/** Times that faces are moved to where they are most like their mean, which they make anew. */
const CENTRINGS = 2;

/** A restorer's region in pictures of another side. */
function regionAt({ region, imageSize }: RestorerConfig, side: number): Region {
  const scaled = (pixels: number): number => (pixels * side) / imageSize;
  const { top, left, height, width } = region!;
  return { top: scaled(top), left: scaled(left), height: scaled(height), width: scaled(width) };
}

/**
 * Eigenfaces (Turk & Pentland 1991) of patterns of unit energy and of their mirror images, about zero and not about their mean, which so
 * becomes the first: `[count, H · W]`, by subspace iteration.
 */
export function eigenfacesOf(patterns: readonly Float32Array[], width: number, count: number): Float32Array {
  const length = patterns[0]!.length;
  const rows = patterns.flatMap((pattern) => {
    const scale = 1 / Math.max(1e-6, Math.hypot(...pattern));
    const unit = pattern.map((x) => x * scale);
    return [unit, unit.map((_, i) => unit[i - (i % width) + width - 1 - (i % width)]!)];
  });
  let basis = orthonormal(new Random(1).normals(count * length), count);
  for (let pass = 0; pass < PASSES; pass++) {
    const next = new Float32Array(count * length);
    for (const row of rows) {
      for (let k = 0; k < count; k++) {
        let share = 0;
        for (let i = 0; i < length; i++) share += row[i]! * basis[k * length + i]!;
        for (let i = 0; i < length; i++) next[k * length + i]! += share * row[i]!;
      }
    }
    basis = orthonormal(next, count);
  }
  return facingUp(basis, rows);
}

/** Rows made orthonormal in their order (Gram and Schmidt). */
function orthonormal(rows: Float32Array, count: number): Float32Array {
  const length = rows.length / count;
  const out = rows.slice();
  for (let k = 0; k < count; k++) {
    const own = out.subarray(k * length, (k + 1) * length);
    for (let j = 0; j < k; j++) {
      const other = out.subarray(j * length, (j + 1) * length);
      const share = own.reduce((sum, x, i) => sum + x * other[i]!, 0);
      for (let i = 0; i < length; i++) own[i]! -= share * other[i]!;
    }
    const size = Math.hypot(...own);
    for (let i = 0; i < length; i++) own[i]! /= size;
  }
  return out;
}

/** The basis with its first row as most faces have it, and not their negative. */
function facingUp(basis: Float32Array, rows: readonly Float32Array[]): Float32Array {
  const length = rows[0]!.length;
  const along = rows.reduce((sum, row) => sum + row.reduce((part, x, i) => part + x * basis[i]!, 0), 0);
  return along < 0 ? basis.map((x, i) => (i < length ? -x : x)) : basis;
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Least squares of y on x, about the mean of x, and the standard deviation from it. */
function usualOf(x: readonly number[], y: readonly number[]): Usual {
  const [at, mean] = [meanOf(x), meanOf(y)];
  const spread = meanOf(x.map((value) => (value - at) ** 2));
  const slope = meanOf(x.map((value, i) => (value - at) * (y[i]! - mean))) / spread;
  const deviation = Math.sqrt(meanOf(y.map((value, i) => (value - mean - slope * (x[i]! - at)) ** 2)));
  return { at: rounded(at), mean: rounded(mean), slope: rounded(slope), deviation: rounded(deviation) };
}

/** What the autoencoder keeps of the frontal views of a dataset's people, one each, as large as they are looked at. */
async function decodedFaces(
  data: Dataset,
  vae: Autoencoding,
  threads: number,
  signal: AbortSignal,
): Promise<Picture[]> {
  const latents = await datasetLatents(data, vae.weights, vae.config, 'data/latents', {
    views: FRONTAL_VIEWS,
    mirrored: 0,
    signal,
  });
  const count = Math.min(PEOPLE, latents.identities - HELD_OUT);
  const values = new Float32Array(count * latents.length);
  for (let k = 0; k < count; k++) {
    const who = HELD_OUT + k;
    values.set(latentOf(latents, who, who % FRONTAL_VIEWS), k * latents.length);
  }
  const pictures: Picture[] = [];
  for await (const { width, data: planes } of decodedPictures(values, vae, threads)) {
    signal.throwIfAborted();
    if (pictures.length % 400 === 0) process.stderr.write(`faces: ${pictures.length} of ${count}\n`);
    pictures.push({ width: SIZE, height: SIZE, data: shrunk(planes, width, SIZE) });
  }
  return pictures;
}

/** Eigenfaces of pictures of faces, all of one size. */
export function learnEigenfaces(pictures: readonly Picture[], count = COUNT): Eigenfaces {
  const unknown: Usual = { at: 0, mean: 0, slope: 0, deviation: 1 };
  const config = { imageSize: SIZE, region: REGION, count, usual: { share: unknown, energy: unknown } };
  let faces: Eigenfaces = { config, patterns: new Float32Array(REGION.height * REGION.width) };
  let patterns: FacePattern[] = [];
  for (let round = 0; round <= CENTRINGS; round++) {
    patterns = pictures.map((picture) => centredPattern(picture, faces));
    const values = patterns.map((pattern) => pattern.values);
    // Faces are moved by the first eigenface alone.
    const found = eigenfacesOf(values, REGION.width, round < CENTRINGS ? 1 : count);
    faces = { config, patterns: found };
  }
  const lightness = patterns.map((pattern) => pattern.lightness);
  const measures = patterns.map(({ values }) => measuresOf(values, faces));
  const usualFor = (name: keyof FaceMeasures) =>
    usualOf(
      lightness,
      measures.map((one) => one[name]),
    );
  const usual = { share: usualFor('share'), energy: usualFor('energy') };
  return { config: { ...config, usual }, patterns: faces.patterns };
}

/** `npm run train -- eigenfaces --export`; needs the profile's `vae`. There is nothing to continue: it takes a few minutes. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const profile = await loadProfile(options.profile);
  const vae = { config: profile.config<VaeConfig>('vae'), weights: await profile.weights('vae') };
  const data = new Dataset(options.data);
  try {
    const faces = learnEigenfaces(await decodedFaces(data, vae, options.threads, signal));
    const { count, region } = faces.config;
    const length = region.height * region.width;
    await mkdir(options.run, { recursive: true });
    const square = Array.from({ length: count }, (_, k) => shown(faces.patterns, k * length, region));
    await writeSheet(join(options.run, 'eigenfaces.png'), square, region.height, count);
    if (!options.export) return;
    const weights: WeightMap = new Map([
      ['patterns', hostTensor(faces.patterns, [count, region.height, region.width])],
    ]);
    const provenance = { step: 1, seed: options.seed, data: options.data };
    await exportNetwork(options.profile, 'eigenfaces', faces.config, weights, provenance);
  } finally {
    data.close();
  }
}

/** A pattern as a grey opaque square picture in [−1, 1]. */
function shown(patterns: Float32Array, from: number, { height, width }: Region): Float32Array {
  const area = height * height;
  return Float32Array.from({ length: 4 * area }, (_, i) => {
    if (i >= 3 * area) return 1;
    const [row, column] = [Math.floor((i % area) / height), i % height];
    return column < width ? Math.max(-1, Math.min(1, 8 * patterns[from + row * width + column]!)) : 0;
  });
}
