import { float32, hostTensor, type HostTensor } from '../../graph/index.ts';
import type { Models } from '../models.ts';
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
export async function askField(
  models: Models,
  planes: HostTensor,
  grid: DensityGrid,
  indices: Int32Array,
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
  for (let start = 0; start < indices.length; start += together) {
    signal?.throwIfAborted();
    const batches: Int32Array[] = [];
    for (let from = start; from < Math.min(indices.length, start + together); from += POINTS_PER_RUN) {
      batches.push(indices.subarray(from, from + POINTS_PER_RUN));
    }
    const results = await lanes.run(
      batches.map((batch) => ({
        planes,
        points: hostTensor(gridPoints(grid, batch, POINTS_PER_RUN), [1, POINTS_PER_RUN, 3]),
      })),
    );
    for (const [b, batch] of batches.entries()) {
      const [densities, colours] = [float32(results[b].density), float32(results[b].colour)];
      for (let i = 0; i < batch.length; i++) {
        for (let c = 0; c < 3; c++) one[c] = colours[3 * i + c];
        found(batch[i], densities[i], one);
      }
    }
  }
}
