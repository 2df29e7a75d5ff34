import { hostTensor, sharedTensor, type HostTensor } from '../../graph/index.ts';
import type { Models } from '../models.ts';
import { emptyPicture, type Picture } from '../picture.ts';
import { finestSide, type Trigrid } from '../trigrid-file.ts';
import type { GeneratorConfig } from '../../portrait/index.ts';
import { cameraRays, type Rays } from './camera-rays.ts';
import { allPoints, dilate, emptyGrid, type DensityGrid } from './density-grid.ts';
import { planDepths, type DepthPlan } from './depth-plan.ts';
import { askField } from './field.ts';
import { collapseGraph, shadingGraph, withFinestSide } from './scene-graphs.ts';

/** Rays that one run of a session takes; static shapes ask for a number. */
const RAYS_PER_RUN = 2048;

/** A tri-grid ready to be looked at. */
export interface Scene {
  /** The pyramid collapsed to its finest side, `[1, 3, C·D, S, S]`. */
  readonly planes: HostTensor;
  readonly grid: DensityGrid;
  readonly dilated: DensityGrid;
}

/** Collapses the pyramid and bakes its density, `points` grid points high. */
export async function openScene(models: Models, trigrid: Trigrid, points: number): Promise<Scene> {
  const planes = await collapse(models, trigrid);
  const grid = await bakeDensity(models, planes, points);
  return { planes, grid, dilated: dilate(grid) };
}

/** The pyramid as one set of planes, in memory that sessions of other threads read without copying: that of `into` where it is given. */
export async function collapse(models: Models, { levels }: Trigrid, into?: HostTensor): Promise<HostTensor> {
  const side = finestSide(levels);
  const session = await models.session(`collapse ${side}`, () =>
    collapseGraph(withFinestSide(models.generator, side)),
  );
  const feeds = Object.fromEntries(levels);
  if (!into) return shared((await session.run(feeds))['planes']);
  await session.run(feeds, undefined, { planes: into });
  return into;
}

/** A grid over the box, outside of which rays see nothing, `points` points high; its densities are still to be asked for. */
export function gridOver({ generator }: Models, points: number): DensityGrid {
  const { boxWarp, cropFraction } = generator.rendering;
  return emptyGrid(boxWarp / 2 - cropFraction * boxWarp, boxWarp / 2, points);
}

/** The density of collapsed planes on that grid. */
export async function bakeDensity(models: Models, planes: HostTensor, points: number): Promise<DensityGrid> {
  const grid = gridOver(models, points);
  await askField(models, planes, grid, allPoints(grid), (index, density) => {
    grid.values[index] = density;
  });
  return grid;
}

/** Premultiplied colour and alpha `[hits, 4]` of the rays of a plan. */
export async function shade(
  models: Models,
  planes: HostTensor,
  rays: Rays,
  plan: DepthPlan,
): Promise<Float32Array> {
  const hits = plan.hits.length;
  if (hits === 0) return new Float32Array(0);
  const samples = plan.depths.length / hits;
  const config = configOf(models, planes);
  const lanes = await models.lanes(`shading ${planes.shape[3]} ${samples}`, async () =>
    shadingGraph(await models.parameters('generator'), config, RAYS_PER_RUN, samples),
  );
  const starts = range(0, hits, RAYS_PER_RUN);
  const results = await lanes.run(
    starts.map((start) => ({ planes, ...gatherRays(rays, plan, start, RAYS_PER_RUN) })),
  );
  const shaded = new Float32Array(4 * hits);
  results.forEach(({ colour }, i) => {
    const part = (colour.data as Float32Array).subarray(0, 4 * (hits - starts[i]));
    shaded.set(part, 4 * starts[i]);
  });
  return shaded;
}

/** The rays `from … from + count` of a plan as feeds; past the end the last one is repeated, or nothing is looked at. */
export function gatherRays(
  rays: Rays,
  plan: DepthPlan,
  from: number,
  count: number,
  samples = plan.depths.length / plan.hits.length,
): Record<string, HostTensor> {
  const origins = new Float32Array(3 * count);
  const directions = new Float32Array(3 * count);
  const depths = new Float32Array(samples * count);
  for (let i = 0; i < count; i++) {
    const hit = Math.min(from + i, plan.hits.length - 1);
    if (hit < 0) continue;
    const ray = plan.hits[hit];
    for (let axis = 0; axis < 3; axis++) {
      origins[3 * i + axis] = rays.origins[3 * ray + axis];
      directions[3 * i + axis] = rays.directions[3 * ray + axis];
    }
    for (let j = 0; j < samples; j++) depths[samples * i + j] = plan.depths[samples * hit + j];
  }
  return {
    origins: hostTensor(origins, [count, 3]),
    directions: hostTensor(directions, [count, 3]),
    depths: hostTensor(depths, [count, samples]),
  };
}

/** A picture of the scene from a camera label. */
export async function renderView(
  models: Models,
  { planes, grid, dilated }: Scene,
  label: ArrayLike<number>,
  size: number,
  samples: number,
): Promise<Picture> {
  const rays = cameraRays(label, size);
  const plan = planDepths(grid, dilated, rays, samples);
  const shaded = await shade(models, planes, rays, plan);
  const picture = emptyPicture(size, size);
  plan.hits.forEach((ray, i) => {
    for (let c = 0; c < 4; c++)
      picture.data[c * rays.count + ray] = Math.min(1, Math.max(0, shaded[4 * i + c]));
  });
  return picture;
}

/** The configuration that collapsed planes have. */
export function configOf(models: Models, planes: HostTensor): GeneratorConfig {
  return withFinestSide(models.generator, planes.shape[3]);
}

/** The same tensor in shared memory. */
export function shared(tensor: HostTensor): HostTensor {
  const copy = sharedTensor(tensor.shape);
  (copy.data as Float32Array).set(tensor.data as Float32Array);
  return copy;
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}
