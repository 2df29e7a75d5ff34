import type { HostTensor } from '../../graph/index.ts';
import type { Models } from '../models.ts';
import { blurred } from '../planes.ts';
import { smoothStep } from '../ramp.ts';
import type { Trigrid } from '../trigrid-file.ts';
import { cameraRays } from './camera-rays.ts';
import { askFieldAt } from './field.ts';
import type { PosedPicture } from './posed-picture.ts';
import { collapse } from './scene.ts';

/** How far inside of a surface the field is asked what colour it has there, world units: it may lie a little deeper in the field. */
export const INSIDE = 0.015;

/** Density of a field up to which it tells nothing of a point, and from which on all. */
const THERE = [5, 40] as const;

/** Passes of the blur of changes, and the share of pixels around that tell something from which on they tell all. */
const [BLUR, AROUND] = [2, 0.3];

/** What a camera sees of a surface: straight sRGB 0…1 `[3 or more, size, size]`, and distances along the camera's axis, world units, `[size, size]`. */
interface Painted {
  readonly label: ArrayLike<number>;
  readonly size: number;
  readonly colours: Float32Array;
  readonly depths: Float32Array;
}

/**
 * Pictures with what has become of a tri-grid since they were made. What is inferred of the first one's far side, and of left and right, is finer than the
 * tri-grid, and shown in its place; its colours change by as much as those of the tri-grid's field there.
 *
 * @param before the tri-grid that the pictures were made for
 * @param after what distillation or refinement has made of it
 * @throws the signal's reason
 */
export async function repainted(
  models: Models,
  pictures: readonly PosedPicture[],
  before: Trigrid,
  after: Trigrid,
  signal?: AbortSignal,
): Promise<PosedPicture[]> {
  const [front, ...others] = pictures;
  const { label, hidden, sides } = front;
  if (!hidden) return [...pictures];
  const planes = [await collapse(models, before), await collapse(models, after)] as const;
  const paint = (painted: Painted, deeper: number): Promise<Float32Array> =>
    repaint(models, planes, painted, deeper, signal);
  const { size, colours, far } = hidden;
  const behind = await paint({ label, size, colours, depths: far }, -INSIDE);
  const aside = await Promise.all(
    sides?.map(async (side) => ({
      ...side,
      picture: await paint({ ...side, colours: side.picture }, INSIDE),
    })) ?? [],
  );
  return [{ ...front, hidden: { ...hidden, colours: behind }, ...(sides && { sides: aside }) }, ...others];
}

/** The colours of a surface, changed as those of the field `deeper` along the camera's axis; further channels stay. */
async function repaint(
  models: Models,
  [before, after]: readonly [HostTensor, HostTensor],
  { label, size, colours, depths }: Painted,
  deeper: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const area = size * size;
  const points = pointsAt(label, size, depths, deeper);
  // Planes of changes, then how much each counts.
  const change = new Float32Array(4 * area);
  const there = new Float32Array(area).fill(Infinity);
  for (const [planes, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    const found = (i: number, density: number, colour: Float64Array): void => {
      there[i] = Math.min(there[i], density);
      for (let c = 0; c < 3; c++) change[c * area + i] += sign * colour[c];
    };
    await askFieldAt(models, planes, points, found, signal);
  }
  for (let i = 0; i < area; i++) {
    const share = smoothStep(there[i], THERE[0], THERE[1]);
    for (let c = 0; c < 3; c++) change[c * area + i] *= share;
    change[3 * area + i] = share;
  }
  const even = blurred(change, size, BLUR);
  return colours.map((x, k) => {
    if (k >= 3 * area) return x;
    const changed = x + even[k] / Math.max(AROUND, even[3 * area + (k % area)]);
    return Math.min(1, Math.max(0, changed));
  });
}

/** World positions `[size², 3]` of a camera's pixels at distances along its axis, and so much beyond. */
function pointsAt(
  label: ArrayLike<number>,
  size: number,
  depths: Float32Array,
  beyond: number,
): Float32Array {
  const { origins, directions } = cameraRays(label, size);
  const points = new Float32Array(origins.length);
  for (let i = 0; i < depths.length; i++) {
    const [x, y, z] = [directions[3 * i], directions[3 * i + 1], directions[3 * i + 2]];
    const along = (depths[i] + beyond) / (x * label[2] + y * label[6] + z * label[10]);
    points[3 * i] = origins[3 * i] + along * x;
    points[3 * i + 1] = origins[3 * i + 1] + along * y;
    points[3 * i + 2] = origins[3 * i + 2] + along * z;
  }
  return points;
}
