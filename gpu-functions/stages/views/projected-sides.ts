import { SIDE_DEPTH_GAIN } from '../../portrait/index.ts';
import type { BothSides } from './hidden-side.ts';
import { Pinhole } from './pinhole.ts';

/** How far from the world's middle along the camera's axis rays are followed, and by which steps: world units. */
const [REACH, STEP] = [0.5, 0.012];

/** How often the step that meets somebody is halved. */
const HALVINGS = 4;

/**
 * What a picture and what it hides show from elsewhere: the solid between both sides, in their colours (ray marching).
 *
 * @param label of the camera that looks
 * @param middle how far that is from the middle of the world
 * @returns planes `[5, size, size]` in [−1, 1]: colour over white, alpha, and depth from the middle, raised; 0 where nobody is.
 */
export function projectedSides(
  sides: BothSides,
  label: ArrayLike<number>,
  middle: number,
  size: number,
): Float32Array {
  const area = size * size;
  const planes = new Float32Array(5 * area);
  planes.fill(1, 0, 3 * area);
  planes.fill(-1, 3 * area, 4 * area);
  const { pinhole } = sides;
  const camera = new Pinhole(label, size);
  const [ox, oy, oz] = [label[3], label[7], label[11]];
  let [x, y, z] = [0, 0, 0];
  /** Looks at the point of the pixel's ray that is so far along the camera's axis. */
  const look = (ahead: number): boolean => pinhole.look(ox + ahead * x, oy + ahead * y, oz + ahead * z);
  const isInside = (ahead: number): boolean =>
    look(ahead) && sides.meets() && pinhole.ahead >= sides.near && pinhole.ahead <= sides.far;
  const isPast = raysPast(sides);
  const colour = new Float64Array(3);
  for (let i = 0; i < area; i++) {
    camera.aim(Math.floor(i / size), i % size);
    const along = camera.dx * label[2] + camera.dy * label[6] + camera.dz * label[10];
    x = camera.dx / along;
    y = camera.dy / along;
    z = camera.dz / along;
    look(middle - REACH);
    const { row, ahead: depth } = pinhole;
    look(middle + REACH);
    if (isPast(row, pinhole.row, depth, pinhole.ahead)) continue;
    let ahead = middle - REACH;
    while (ahead < middle + REACH && !isInside(ahead)) ahead += STEP;
    if (ahead >= middle + REACH) continue;
    for (let k = 0, step = STEP / 2; k < HALVINGS; k++, step /= 2) {
      if (isInside(ahead - step)) ahead -= step;
    }
    isInside(ahead);
    sides.colour(sides.behind(), colour);
    for (let c = 0; c < 3; c++) planes[c * area + i] = 2 * colour[c] - 1;
    planes[3 * area + i] = 1;
    planes[4 * area + i] = SIDE_DEPTH_GAIN * (ahead - middle);
  }
  return planes;
}

/** Whether rays that reach from one of the picture's rows and depths to another meet nobody. */
function raysPast(sides: BothSides): (row: number, lastRow: number, ahead: number, last: number) => boolean {
  const { side } = sides.pinhole;
  const extents = Array.from({ length: side }, (_, row) => sides.extent(row));
  return (row, lastRow, ahead, last) => {
    const end = Math.min(side - 1, Math.ceil(Math.max(row, lastRow)));
    for (let at = Math.max(0, Math.floor(Math.min(row, lastRow))); at <= end; at++) {
      const { least, largest } = extents[at];
      if (Math.max(ahead, last) >= least && Math.min(ahead, last) <= largest) return false;
    }
    return true;
  };
}
