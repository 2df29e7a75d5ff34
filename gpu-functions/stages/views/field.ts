import { float32, hostTensor, type HostTensor } from '../../graph/index.ts';
import type { Feeds, Models } from '../models.ts';
import { gridPoints, type DensityGrid } from './density-grid.ts';
import { fieldGraph, withFinestSide } from './scene-graphs.ts';

/** Points that one run of a session takes; static shapes ask for a number. */
const POINTS_PER_RUN = 16_384;

/** Runs of a session between two looks at whether it is to go on. */
const RUNS_AT_ONCE = 16;

/** What is done with a point's softplus(σ + bias), and its sRGB 0…1, not clamped, in an array that the next point is written to. */
export type Found = (index: number, density: number, colour: Float64Array) => void;

/**
 * Asks the field of collapsed planes for points of a grid; batches of them side by side.
 *
 * @param indices of the points
 * @throws the signal's reason
 */
export function askField(
  models: Models,
  planes: HostTensor,
  grid: DensityGrid,
  indices: Int32Array,
  found: Found,
  signal?: AbortSignal,
): Promise<void> {
  return askPoints(
    models,
    planes,
    indices.length,
    (from, to) => gridPoints(grid, indices.subarray(from, to), POINTS_PER_RUN),
    (i, density, colour) => found(indices[i], density, colour),
    signal,
  );
}

/** As {@link askField}, for points anywhere: world positions `[count, 3]`. */
export function askFieldAt(
  models: Models,
  planes: HostTensor,
  points: Float32Array,
  found: Found,
  signal?: AbortSignal,
): Promise<void> {
  const batch = (from: number, to: number): Float32Array => {
    const positions = new Float32Array(3 * POINTS_PER_RUN);
    positions.set(points.subarray(3 * from, 3 * to));
    return positions;
  };
  return askPoints(models, planes, points.length / 3, batch, found, signal);
}

/** @param batch world positions of some points, `[POINTS_PER_RUN, 3]`; what is past the last is asked for in vain */
async function askPoints(
  models: Models,
  planes: HostTensor,
  count: number,
  batch: (from: number, to: number) => Float32Array,
  found: Found,
  signal?: AbortSignal,
): Promise<void> {
  const lanes = await models.lanes(`field ${planes.shape[3]}`, async () =>
    fieldGraph(
      await models.parameters('generator'),
      withFinestSide(models.generator, planes.shape[3]),
      POINTS_PER_RUN,
    ),
  );
  const one = new Float64Array(3);
  const together = RUNS_AT_ONCE * POINTS_PER_RUN;
  for (let start = 0; start < count; start += together) {
    signal?.throwIfAborted();
    const end = Math.min(count, start + together);
    const feeds: Feeds[] = [];
    for (let from = start; from < end; from += POINTS_PER_RUN) {
      const points = batch(from, Math.min(end, from + POINTS_PER_RUN));
      feeds.push({ planes, points: hostTensor(points, [1, POINTS_PER_RUN, 3]) });
    }
    const results = await lanes.run(feeds);
    for (const [b, { density, colour }] of results.entries()) {
      const [densities, colours] = [float32(density), float32(colour)];
      const from = start + b * POINTS_PER_RUN;
      for (let i = 0; i < Math.min(POINTS_PER_RUN, end - from); i++) {
        for (let c = 0; c < 3; c++) one[c] = colours[3 * i + c];
        found(from + i, densities[i], one);
      }
    }
  }
}
