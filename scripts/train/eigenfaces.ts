import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeLatents, decodedSize, latentSize } from '../../gpu-functions/diffusion/index.ts';
import type { Region, VaeConfig } from '../../gpu-functions/diffusion/index.ts';
import { compile, float32, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import { Random, storedParameters } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { centredPattern, measuresOf } from '../../gpu-functions/stages/imagine/faceness.ts';
import type { Eigenfaces, FacePattern, Usual } from '../../gpu-functions/stages/imagine/faceness.ts';
import type { Picture } from '../../gpu-functions/stages/picture.ts';
import { fromVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT } from './dataset.ts';
import { exportNetwork, rounded } from './export.ts';
import { datasetLatents, latentOf } from './latents.ts';
import type { TrainingOptions } from './main.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';

/** Where 64² pictures from the front have the face: the region that is restored. The autoencoder keeps no more of a face than these show. */
const [SIZE, REGION] = [64, { top: 16, left: 20, height: 32, width: 24 } satisfies Region];
const COUNT = 8;

/** People that are looked at, and passes of subspace iteration. */
const [PEOPLE, PASSES] = [2000, 12];

/** Times that faces are moved to where they are most like their mean, which they make anew. */
const CENTRINGS = 2;

const BATCH = 16;

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

/** What the autoencoder keeps of the frontal views of a dataset's people, one each. */
async function decodedFaces(
  data: Dataset,
  vae: { config: VaeConfig; weights: WeightMap },
  threads: number,
  signal: AbortSignal,
): Promise<Picture[]> {
  const latents = await datasetLatents(data, vae.weights, vae.config, 'data/latents', {
    views: FRONTAL_VIEWS,
    mirrored: 0,
  });
  const side = latentSize(vae.config);
  const shape = [BATCH, vae.config.latentChannels, side, side];
  const decoded = decodeLatents(storedParameters(vae.weights), input('latents', shape), vae.config);
  const session = await openSession(compile({ decoded }), { inline: true, threads });
  const count = Math.min(PEOPLE, latents.identities - HELD_OUT);
  const pictures: Picture[] = [];
  try {
    const batch = new Float32Array(BATCH * latents.length);
    for (let first = 0; first < count; first += BATCH) {
      signal.throwIfAborted();
      const present = Math.min(BATCH, count - first);
      for (let k = 0; k < present; k++) {
        const who = HELD_OUT + first + k;
        batch.set(latentOf(latents, who, who % FRONTAL_VIEWS), k * latents.length);
      }
      const images = float32((await session.run({ latents: hostTensor(batch, shape) })).decoded);
      for (let k = 0; k < present; k++) pictures.push(fromVaeImage(images, decodedSize(vae.config), k));
      if (first % (25 * BATCH) === 0) process.stderr.write(`faces: ${first} of ${count}\n`);
    }
  } finally {
    await session.close();
  }
  return pictures;
}

/** Eigenfaces of pictures of faces, all of one size. */
export function learnEigenfaces(pictures: readonly Picture[], count = COUNT): Eigenfaces {
  const length = REGION.height * REGION.width;
  const unknown: Usual = { at: 0, mean: 0, slope: 0, deviation: 1 };
  const config = { imageSize: SIZE, region: REGION, count, usual: { share: unknown, energy: unknown } };
  let faces: Eigenfaces = { config, patterns: new Float32Array(count * length) };
  let patterns: FacePattern[] = [];
  for (let round = 0; round <= CENTRINGS; round++) {
    patterns = pictures.map((picture) => centredPattern(picture, faces));
    const values = patterns.map((pattern) => pattern.values);
    const found = eigenfacesOf(values, REGION.width, round < CENTRINGS ? 1 : count);
    const whole = new Float32Array(count * length);
    whole.set(found);
    faces = { config, patterns: whole };
  }
  const lightness = patterns.map((pattern) => pattern.lightness);
  const measures = patterns.map(({ values }) => measuresOf(values, faces));
  const usual = {
    share: usualOf(
      lightness,
      measures.map(({ share }) => share),
    ),
    energy: usualOf(
      lightness,
      measures.map(({ energy }) => energy),
    ),
  };
  return { ...faces, config: { ...config, usual } };
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
