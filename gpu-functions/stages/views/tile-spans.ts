import type { VoxelCells } from './voxel-cells.ts';

/** Between which distances the rays of a tile may meet something; near is infinite where they meet nothing. */
export interface TileSpans {
  readonly near: Float32Array;
  readonly far: Float32Array;
}

/** How much larger than a small sphere's on the axis the outline of one may be, in the narrow views of a portrait. */
const SPREAD = 1.1;

/**
 * Projects the blocks in which something shows into the tiles of a square picture, each as the sphere around it. What lies in none need not
 * be looked at, and the others from their nearest block on.
 */
export function tileSpans(
  { blocks, blockSide }: VoxelCells,
  label: ArrayLike<number>,
  tiles: number,
): TileSpans {
  const near = new Float32Array(tiles * tiles).fill(Infinity);
  const far = new Float32Array(tiles * tiles);
  const radius = (blockSide * Math.sqrt(3)) / 2;
  for (let block = 0; block < blocks.length; block += 3) {
    const dx = blocks[block] - label[3];
    const dy = blocks[block + 1] - label[7];
    const dz = blocks[block + 2] - label[11];
    const x = dx * label[0] + dy * label[4] + dz * label[8];
    const y = dx * label[1] + dy * label[5] + dz * label[9];
    const z = dx * label[2] + dy * label[6] + dz * label[10];
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    // A sphere around the camera may be anywhere in the picture.
    const around = z <= 2 * radius;
    const u = around ? 0.5 : (label[16] * x + label[17] * y) / z + label[18];
    const v = around ? 0.5 : (label[20] * y) / z + label[21];
    const reach = around ? 1 : (SPREAD * radius * Math.max(label[16], label[20])) / (z - radius);
    const left = Math.max(0, Math.floor((u - reach) * tiles));
    const right = Math.min(tiles - 1, Math.floor((u + reach) * tiles));
    const bottom = Math.min(tiles - 1, Math.floor((v + reach) * tiles));
    for (let row = Math.max(0, Math.floor((v - reach) * tiles)); row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const tile = row * tiles + column;
        if (distance - radius < near[tile]) near[tile] = distance - radius;
        if (distance + radius > far[tile]) far[tile] = distance + radius;
      }
    }
  }
  return { near, far };
}
