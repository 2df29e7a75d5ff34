import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  abs,
  add,
  cast,
  compile,
  concat,
  constant,
  float32,
  greater,
  hostTensor,
  input,
  mean,
  mul,
  openSession,
  reshape,
  slice,
  square,
  sub,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { Random, storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import {
  MINI,
  broadcastLatent,
  collapsePyramid,
  encodeWithDetail,
  renderDepths,
  rowsOfW,
  synthesisePyramid,
  trigridField,
} from '../../gpu-functions/portrait/index.ts';
import type {
  EncoderConfig,
  Field,
  GeneratorConfig,
  Pyramid,
  Rays,
} from '../../gpu-functions/portrait/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT, writePlanes } from './dataset.ts';
import { drawFrontalViews } from './drawings.ts';
import type { Drawings } from './drawings.ts';
import { exportNetwork } from './export.ts';
import { charbonnier } from './losses.ts';
import type { TrainingOptions } from './main.ts';
import { FRONTAL_VIEWS, drawRays, drawSurfacePoints, raysOfView } from './rays.ts';
import type { RayBatchSizes } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { below, scheduleOf, startingWeights, zerosTensor } from './start.ts';
import { averagedWeights, batchOf, leavesOf, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const ENCODER: EncoderConfig = {
  imageSize: 128,
  patch: 4,
  channels: [96, 160, 224, 320],
  wDim: MINI.wDim,
  detail: { stem: 16, channels: [96, 80, 64, 32], across: 32, hidden: 256, depthTexels: 64 },
};

/** Noise on the latent and its penalty keep the space smooth, so that an inversion may move in it. */
const LATENT_NOISE = 0.05;
const LATENT_PENALTY = 1e-3;
const ALPHA_WEIGHT = 1;
const SURFACE_WEIGHT = 0.5;
const CAMERA_WEIGHT = 0.1;
const POINT_WEIGHT = 1;
/**
 * Density that profiles take off: with a few random samples a ray of training meets less of a thin surface than there is, and what is trained makes up
 * for it with haze around people. Found on people of no dataset (docs/decisions/0018-outlines.md).
 */
const HAZE = 30;

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 3000,
  fused: 10,
  learningRate: 2e-2,
  warmup: 100,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 100,
  checkpointSeconds: 600,
};

const SIZES: RayBatchSizes = { identities: 8, views: 7, rays: 224, samples: 24, points: 2800 };

/** Picture → latent → tri-grid field, and the camera the encoder guesses. Noise [N, wDim] is added to the latent. */
function encodeField(p: Parameters, config: GeneratorConfig, image: Value, noise?: Value) {
  const encoded = encodeWithDetail(p.at('encoder'), ENCODER, config, image);
  const w = noise ? add(encoded.w, mul(noise, LATENT_NOISE)) : encoded.w;
  const g = p.at('generator');
  const levels = synthesisePyramid(g.at('backbone.synthesis'), config, broadcastLatent(w, rowsOfW(config)));
  return { field: trigridField(g, config, [collapsePyramid(withDetail(levels, encoded.detail))]), encoded };
}

/** Levels are averaged, so the generator's are scaled to count as before beside one more. */
function withDetail(levels: Pyramid, detail: Value | undefined): Pyramid {
  if (!detail) return levels;
  const factor = (levels.length + 1) / levels.length;
  return [...levels.map((level) => mul(level, factor)), detail];
}

/**
 * Premultiplied colour and alpha along rays [N, R, 3] at depths [N, R, K], [N, R, 4]; and the weights of the intervals
 * between these, [N, R, K − 1].
 */
function renderPicture(field: Field, config: GeneratorConfig, rays: Rays, depths: Value) {
  const [n, r, k] = depths.shape;
  const { features, weight, intervalWeights } = renderDepths(
    field,
    rays,
    reshape(depths, [n * r, k]),
    config.rendering,
  );
  return { picture: concat([features, weight], 2), intervalWeights };
}

/** How far from the surface [N, R, 1] rays gather what they gather at depths [N, R, K]; rays without surface (0) do not count. */
function distanceFromSurface(intervalWeights: Value, depths: Value, surface: Value): Value {
  const k = depths.shape[2];
  const middle = mul(add(slice(depths, 2, 0, k - 1), slice(depths, 2, 1, k)), 0.5);
  return mean(mul(mul(intervalWeights, abs(sub(middle, surface))), cast(greater(surface, 0), 'float32')));
}

/** Softness of the loss of colours in [0, 1]. */
const SOFTNESS = 1e-2;

/**
 * Charbonnier loss on premultiplied colour and alpha, and on colours at points of true surfaces. What rays gather is
 * drawn to the true surface as well, without which outlines stay soft and what is seen rarely stays fog.
 */
function generatorLoss(p: Parameters, config: GeneratorConfig, batch: Record<string, Value>) {
  const { field, encoded } = encodeField(p, config, batch.image, batch.noise);
  const rays = { origins: batch.origins, directions: batch.directions };
  const { picture, intervalWeights } = renderPicture(field, config, rays, batch.depths);
  const error = sub(picture, batch.target);
  // A sum over the intervals of a ray, not a mean.
  const surface = mul(
    distanceFromSurface(intervalWeights, batch.depths, batch.surface),
    intervalWeights.shape[2],
  );
  const weights = constant(hostTensor([1, 1, 1, ALPHA_WEIGHT], [1, 1, 4]));
  const points = charbonnier(sub(field(batch.points).features, batch.colours), SOFTNESS);
  const camera = mean(square(sub(encoded.camera, batch.camera)));
  const latent = mean(square(encoded.w));
  const rendered = add(charbonnier(error, SOFTNESS, weights), mul(surface, SURFACE_WEIGHT));
  const seen = add(rendered, mul(points, POINT_WEIGHT));
  const loss = add(seen, add(mul(camera, CAMERA_WEIGHT), mul(latent, LATENT_PENALTY)));
  return {
    loss,
    metrics: { mse: mean(square(error)), l1: mean(abs(error)), points, surface, camera, latent },
  };
}

export interface GeneratorTaskOptions {
  readonly config?: GeneratorConfig;
  readonly sizes?: RayBatchSizes;
  /** The frontal views as the encoder sees them half of the time. */
  readonly drawings?: Drawings;
}

/** The encoder and the generator together, supervised by the other views of the same person. */
export function generatorTask(
  data: Dataset,
  { config = MINI, sizes = SIZES, drawings }: GeneratorTaskOptions = {},
): TrainingTask {
  const { identities: n, rays, samples, points } = sizes;
  const shapes = {
    image: [n, 4, data.size, data.size],
    camera: [n, 2],
    origins: [n, rays, 3],
    directions: [n, rays, 3],
    depths: [n, rays, samples],
    target: [n, rays, 4],
    surface: [n, rays, 1],
    points: [n, points, 3],
    colours: [n, points, 3],
    noise: [n, config.wDim],
  };
  const people = data.identities.flatMap((_, i) => (i < HELD_OUT ? [] : i));
  return {
    name: 'generator',
    specs: traceParameters((p) => generatorLoss(p, config, leavesOf(shapes))),
    batch: batchOf(shapes),
    loss: (p, batch) => generatorLoss(p, config, batch),
    draw: (random) => ({
      ...drawRays(data, people, sizes, random, drawings),
      noise: hostTensor(random.normals(n * config.wDim), shapes.noise),
    }),
    preview: async (weights, folder, step) => {
      await previewTurns(weights, data, config, folder, step);
      await reportColours(weights, data, config);
    },
  };
}

const PREVIEW = { people: 6, side: 64, rays: 4096, samples: 64 };

/** A row a held-out person: the encoder's picture, then renders of views 1–7 that it never saw, beside the true ones below. */
async function previewTurns(
  weights: WeightMap,
  data: Dataset,
  config: GeneratorConfig,
  folder: string,
  step: number,
): Promise<void> {
  const { people, side, rays, samples } = PREVIEW;
  const p = storedParameters(weights);
  const picture = input('picture', [1, 4, data.size, data.size]);
  const origins = input('origins', [1, rays, 3]);
  const directions = input('directions', [1, rays, 3]);
  const depths = input('depths', [1, rays, samples]);
  const { field } = encodeField(p, config, picture);
  const { picture: out } = renderPicture(field, config, { origins, directions }, depths);
  const session = await openSession(compile({ out }), { inline: true });
  const tiles: Float32Array[] = [];
  try {
    for (let k = 0; k < people; k++) {
      const person = k;
      const planes = new Float32Array(4 * data.size ** 2);
      writePlanes(data.image(person, 1), planes);
      const truth: Float32Array[] = [shrink(planes, data.size, side)];
      const rendered: Float32Array[] = [shrink(planes, data.size, side)];
      for (let v = 1; v < Math.min(8, data.views); v++) {
        const view = raysOfView(data.identities[person].views[v].camera, side, samples);
        const tile = new Float32Array(3 * side * side);
        for (let first = 0; first < side * side; first += rays) {
          const part = (name: 'origins' | 'directions' | 'depths', width: number) =>
            hostTensor((view[name].data as Float32Array).slice(first * width, (first + rays) * width), [
              1,
              rays,
              width,
            ]);
          const result = await session.run({
            picture: hostTensor(planes, picture.shape),
            origins: part('origins', 3),
            directions: part('directions', 3),
            depths: part('depths', samples),
          });
          writeOverWhite(float32(result.out), tile, first, side * side);
        }
        rendered.push(tile);
        const other = new Float32Array(4 * data.size ** 2);
        writePlanes(data.image(person, v), other);
        truth.push(shrink(other, data.size, side));
      }
      tiles.push(...rendered, ...truth);
    }
  } finally {
    await session.close();
  }
  await mkdir(folder, { recursive: true });
  await writeSheet(
    join(folder, `preview-${String(step).padStart(6, '0')}.png`),
    tiles,
    side,
    Math.min(8, data.views),
  );
}

/** Degrees from the front up to which a view counts as one from there. */
const SIDES = { 'from the front': 45, 'from the sides': 135, 'from behind': 180 };
const POINTS_PER_VIEW = 144;

/** How far the colours of people never trained on are from the true ones, at points of true surfaces, by where these are seen from. */
async function reportColours(weights: WeightMap, data: Dataset, config: GeneratorConfig): Promise<void> {
  const views = Array.from({ length: data.views - FRONTAL_VIEWS }, (_, v) => FRONTAL_VIEWS + v);
  const count = views.length * POINTS_PER_VIEW;
  const [picture, points] = [input('picture', [1, 4, data.size, data.size]), input('points', [1, count, 3])];
  const { field } = encodeField(storedParameters(weights), config, picture);
  const session = await openSession(compile({ found: field(points).features }), { inline: true });
  const random = new Random(0).fork('colours');
  const missed = Object.keys(SIDES).map(() => ({ sum: 0, numbers: 0 }));
  try {
    for (let who = 0; who < HELD_OUT; who++) {
      const planes = new Float32Array(4 * data.size ** 2);
      writePlanes(data.image(who, 1), planes);
      const truth = { positions: new Float32Array(3 * count), colours: new Float32Array(3 * count) };
      for (const [v, view] of views.entries()) {
        const [pixels, steps] = [data.image(who, view), data.depths(who, view)];
        const rendered = { label: data.identities[who]!.views[view]!.camera, pixels, steps, mirrored: false };
        drawSurfacePoints(rendered, POINTS_PER_VIEW, random, truth, v * POINTS_PER_VIEW);
      }
      const { found } = await session.run({
        picture: hostTensor(planes, picture.shape),
        points: hostTensor(truth.positions, points.shape),
      });
      const misses = float32(found!).map((value, i) => Math.abs(value - truth.colours[i]!));
      for (const [v, view] of views.entries()) {
        const degrees = Math.abs((180 / Math.PI) * data.identities[who]!.views[view]!.azimuth);
        const side = missed[Object.values(SIDES).findIndex((most) => degrees <= most + 1e-6)]!;
        const numbers = 3 * POINTS_PER_VIEW;
        for (const miss of misses.subarray(v * numbers, (v + 1) * numbers)) side.sum += miss;
        side.numbers += numbers;
      }
    }
  } finally {
    await session.close();
  }
  const means = Object.keys(SIDES).map(
    (from, k) => `${from} ${(missed[k]!.sum / missed[k]!.numbers).toFixed(4)}`,
  );
  process.stderr.write(
    `colours of ${HELD_OUT} people never trained on are missed, on average: ${means.join(', ')}\n`,
  );
}

/** Premultiplied colours [rays, 4] into planes in [−1, 1] over white. */
function writeOverWhite(rays: Float32Array, tile: Float32Array, first: number, pixels: number): void {
  for (let r = 0; r < rays.length / 4; r++) {
    for (let c = 0; c < 3; c++) {
      tile[c * pixels + first + r] = 2 * (rays[4 * r + c] + 1 - rays[4 * r + 3]) - 1;
    }
  }
}

/** Box filter of the colour planes from one side to a smaller one that divides it. */
function shrink(planes: Float32Array, from: number, to: number): Float32Array {
  const f = from / to;
  const out = new Float32Array(3 * to * to);
  for (let i = 0; i < 3 * from * from; i++) {
    const c = Math.floor(i / (from * from));
    const y = Math.floor((i % (from * from)) / from / f);
    const x = Math.floor((i % from) / f);
    out[(c * to + y) * to + x] += planes[i] / (f * f);
  }
  return out;
}

/** Trains (needs the profile's `vae` and `unet`), or with `--export` writes the averaged weights as the profile's `encoder` and `generator`. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  const config = { ...MINI, backboneResolution: options.resolution ?? MINI.backboneResolution };
  if (options.export) return exportTrained(config, options);
  const data = new Dataset(options.data);
  const profile = await loadProfile(options.profile);
  const drawings = await drawFrontalViews(data, profile, FRONTAL_VIEWS, 'data/drawings', signal);
  const task = generatorTask(data, { config, drawings });
  const start = options.from
    ? grow(await startingWeights(options.from, { encoder: 'encoder.', generator: 'generator.' }), task)
    : undefined;
  await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
  drawings.close();
  data.close();
}

/** Pyramid levels that the names of a generator's parameters tell of. */
function levelsIn(names: Iterable<string>): number {
  return [...names].filter((name) => /b3d\d+\.block\.torgb\.weight$/.test(name)).length;
}

/**
 * Starting weights of a generator with more levels that renders what the smaller one did: colour layers of new levels
 * start at zero, and the decoder makes up for the average over more levels.
 */
function grow(trained: WeightMap, task: TrainingTask): WeightMap {
  const start = new Map(trained);
  const gain = levelsIn(task.specs.map(({ name }) => name)) / levelsIn(trained.keys());
  const first = 'generator.decoder.net.0.weight';
  const decoder = float32(start.get(first)!);
  start.set(
    first,
    hostTensor(
      decoder.map((x) => x * gain),
      start.get(first)!.shape,
    ),
  );
  for (const { name, shape } of task.specs) {
    if (!start.has(name) && name.endsWith('torgb.weight')) start.set(name, zerosTensor(shape));
  }
  return start;
}

async function exportTrained(
  config: GeneratorConfig,
  { run: folder, profile, seed, data }: TrainingOptions,
): Promise<void> {
  const { weights, step } = await averagedWeights(folder);
  const provenance = { step, seed, data };
  await exportNetwork(profile, 'encoder', ENCODER, below(weights, 'encoder.'), provenance);
  const { rendering } = config;
  const clear = { ...config, rendering: { ...rendering, densityBias: rendering.densityBias - HAZE } };
  await exportNetwork(profile, 'generator', clear, below(weights, 'generator.'), provenance);
}
