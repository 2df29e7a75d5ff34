import { float32, hostTensor, type HostTensor } from '../../graph/index.ts';
import type { Models } from '../models.ts';
import { fieldGraph, withFinestSide } from './scene-graphs.ts';

/** Points that one run of a session takes; static shapes ask for a number. */
export const POINTS_PER_RUN = 32_768;

/** What a tri-grid says of points. */
export interface FieldPoints {
  /** softplus(σ + bias) `[POINTS_PER_RUN]` */
  readonly density: Float32Array;
  /** sRGB 0…1 `[POINTS_PER_RUN, 3]`, not clamped. */
  readonly colour: Float32Array;
}

/**
 * Asks the field of collapsed planes for batches of points, side by side.
 *
 * @param batches world positions, `[POINTS_PER_RUN, 3]` each
 */
export async function askField(
  models: Models,
  planes: HostTensor,
  batches: readonly Float32Array[],
): Promise<FieldPoints[]> {
  const lanes = await models.lanes(`field ${planes.shape[3]}`, async () =>
    fieldGraph(
      await models.parameters('generator'),
      withFinestSide(models.generator, planes.shape[3]),
      POINTS_PER_RUN,
    ),
  );
  const results = await lanes.run(
    batches.map((points) => ({ planes, points: hostTensor(points, [1, POINTS_PER_RUN, 3]) })),
  );
  return results.map(({ density, colour }) => ({ density: float32(density), colour: float32(colour) }));
}
