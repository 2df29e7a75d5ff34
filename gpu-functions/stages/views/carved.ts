import type { Picture } from '../picture.ts';
import { blurred } from '../planes.ts';
import type { DensityGrid } from './density-grid.ts';
import { outlineDistances } from './outline.ts';
import { Pinhole } from './pinhole.ts';
import type { PosedPicture } from './posed-picture.ts';
import { cellsOf } from './voxel-cells.ts';
import type { BakedVoxels, Voxels } from './voxels.ts';

/** Alpha below which a pixel joined to the picture's border shows that nobody is there. */
const UNCOVERED = 0.5;

/**
 * How much of a density stays near an outline: nothing this far outside of it, world units, then more as this power, until so much further in all does.
 * Densities that rose at once would have outlines with the steps of the voxels. What lies between both sides of a picture is so dense that a little of it
 * hides what is behind; a tri-grid thins out before.
 */
interface Edge {
  readonly outside: number;
  readonly rise: number;
  readonly power: number;
}
const BETWEEN_SIDES: Edge = { outside: 0.005, rise: 0.022, power: 2.5 };
const OWN: Edge = { outside: 0.009, rise: 0.012, power: 2.5 };

/** Passes of the blur by which outlines lose the steps of their pixels. */
const SMOOTH = 2;

/**
 * Voxels without what pictures show to be empty: what projects outside of the outlines that a camera saw is not there (space carving, Kutulakos
 * and Seitz 2000, with one outline a picture). What a picture's frame cuts off stays as it is.
 */
export function carved(voxels: BakedVoxels, pictures: readonly PosedPicture[]): Voxels {
  const values = voxels.density.values.slice();
  for (const picture of pictures) carve({ ...voxels.density, values }, picture);
  const density = { ...voxels.density, values };
  return { ...voxels, density, cells: cellsOf(density) };
}

/** Takes from a grid's values what lies outside of a picture's outline. */
function carve(
  { size, origin, spacing, values }: DensityGrid,
  { picture, label, hidden }: PosedPicture,
): void {
  const [nx, ny, nz] = size;
  const inside = outlineDistances(keptShare(picture), picture.width);
  const { outside, rise, power } = hidden ? BETWEEN_SIDES : OWN;
  // World units of a pixel, so far from the camera.
  const pixel = 1 / (label[16] * picture.width);
  const pinhole = new Pinhole(label, picture.width);
  let index = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, index++) {
        if (values[index] === 0) continue;
        if (!pinhole.look(origin[0] + spacing * i, origin[1] + spacing * j, origin[2] + spacing * k))
          continue;
        const risen = (pinhole.pick(inside) * pixel * pinhole.ahead + outside) / rise;
        if (risen < 1) values[index] *= risen <= 0 ? 0 : risen ** power;
      }
    }
  }
}

/**
 * A picture's alpha around its outline, `[side, side]`, and 1 inside: a hole in somebody is more likely a fault of the
 * drawing than something to be seen through.
 */
export function keptShare({ width: side, data }: Picture): Float32Array {
  const drawn = data.subarray(3 * side * side, 4 * side * side);
  const outside = joinedToBorder(drawn, side);
  const alpha = blurred(drawn, side, SMOOTH);
  return alpha.map((share, i) => {
    const [column, row] = [i % side, Math.floor(i / side)];
    for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
        if (outside[y * side + x]) return share;
      }
    }
    return 1;
  });
}

/** Marks the uncovered pixels that are joined to the border by their sides. */
function joinedToBorder(alpha: Float32Array, side: number): Uint8Array {
  const outside = new Uint8Array(alpha.length);
  const waiting: number[] = [];
  const reach = (i: number): void => {
    if (outside[i] || alpha[i] >= UNCOVERED) return;
    outside[i] = 1;
    waiting.push(i);
  };
  for (let i = 0; i < side; i++) {
    for (const edge of [i, (side - 1) * side + i, i * side, i * side + side - 1]) reach(edge);
  }
  for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
    if (i % side > 0) reach(i - 1);
    if (i % side < side - 1) reach(i + 1);
    if (i >= side) reach(i - side);
    if (i < side * (side - 1)) reach(i + side);
  }
  return outside;
}
