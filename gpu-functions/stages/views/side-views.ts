import { smoothStep } from '../ramp.ts';
import { Pinhole } from './pinhole.ts';
import type { Box } from './voxel-cells.ts';
import { densityBetween } from './hidden-side.ts';

/** What somebody is inferred to look like from a side: what colour, how far, and where at all. */
export interface SideView {
  /** Of the camera that sees it: 25 floats, cam2world row-major, then the normalised intrinsics. */
  readonly label: ArrayLike<number>;
  readonly size: number;
  /** Distances along the camera's axis, world units, `[size, size]`; where nobody is, they mean nothing. */
  readonly depths: Float32Array;
  /** sRGB 0…1 `[3, size, size]`, then alpha. */
  readonly picture: Float32Array;
}

/** Pixels from the picture's frame: at the first it tells nothing, from the second on all. */
const FRAME = [1, 6] as const;

/** Cosine between the surface's normal and the view: below the first the colour does not count, from the second on it does. */
const FACING = [0.3, 0.6] as const;

/** World units by which a point may lie before or behind of the surface that was drawn: up to the first it counts, from the second on it does not. */
const AROUND = [0.04, 0.08] as const;

/** Alpha between which there is a surface. */
const COVERED = [0.3, 0.7] as const;

/** A view, and where points appear in it. */
interface Side {
  readonly pinhole: Pinhole;
  readonly view: SideView;
}

/** What views from opposite sides tell of the densities of a grid's points, and of the colours of any. */
export class FromSides {
  readonly #grid: Box;
  readonly #sides: readonly Side[];
  /** The side that sees the last point, and how much it tells of it. */
  #seen: Side;
  #share = 0;
  /** How much of the last point's density they tell. */
  #told = 0;

  constructor(grid: Box, views: readonly SideView[]) {
    this.#grid = grid;
    this.#sides = views.map((view) => ({ view, pinhole: new Pinhole(view.label, view.size) }));
    this.#seen = this.#sides[0];
  }

  /**
   * Changes densities where not all is told: full between both surfaces, as far as neither frame cuts anything off.
   *
   * @param shares how much is told before, `[points]`; how much is told after
   */
  tellRest(values: Float32Array, shares: Float32Array): void {
    const { size, origin, spacing } = this.#grid;
    const [nx, ny, nz] = size;
    let at = 0;
    for (let k = 0; k < nz; k++) {
      for (let j = 0; j < ny; j++) {
        for (let i = 0; i < nx; i++, at++) {
          const before = shares[at];
          if (before === 1) continue;
          this.#told = 0;
          const own = this.#density(
            origin[0] + spacing * i,
            origin[1] + spacing * j,
            origin[2] + spacing * k,
          );
          if (this.#told === 0) continue;
          // What was told before stays as it is; of the rest as much is told now as no frame cuts off.
          const after = before + (1 - before) * this.#told;
          values[at] = (before * values[at] + (after - before) * own) / after;
          shares[at] = after;
        }
      }
    }
  }

  /** The density of a point between the surfaces that the sides see; how much is told of it is kept. */
  #density(x: number, y: number, z: number): number {
    let least = Infinity;
    let deep = Infinity;
    let there = 1;
    for (const { pinhole, view } of this.#sides) {
      if (!pinhole.look(x, y, z)) return 0;
      least = Math.min(least, pinhole.edge());
      if (there === 0) continue;
      there = Math.min(there, pinhole.pick(view.picture, 3 * view.size ** 2));
      deep = Math.min(deep, pinhole.ahead - pinhole.pick(view.depths));
    }
    this.#told = least < FRAME[1] ? smoothStep(least, FRAME[0], FRAME[1]) : 1;
    return there > COVERED[0] ? smoothStep(there, COVERED[0], COVERED[1]) * densityBetween(deep) : 0;
  }

  /** Looks at a point with a surface's normal: how much of its colour the sides tell, 0 to 1. */
  look(x: number, y: number, z: number, normal: Float64Array): number {
    this.#share = 0;
    for (const side of this.#sides) {
      const { pinhole, view } = side;
      const { label } = view;
      const facing = -(normal[0] * label[2] + normal[1] * label[6] + normal[2] * label[10]);
      if (facing <= FACING[0]) continue;
      if (!pinhole.look(x, y, z)) continue;
      const missed = Math.abs(pinhole.ahead - pinhole.pick(view.depths));
      if (missed >= AROUND[1]) continue;
      this.#share =
        smoothStep(facing, FACING[0], FACING[1]) *
        (1 - smoothStep(missed, AROUND[0], AROUND[1])) *
        smoothStep(pinhole.pick(view.picture, 3 * view.size ** 2), COVERED[0], COVERED[1]);
      this.#seen = side;
      break;
    }
    return this.#share;
  }

  /** Changes a colour `[3]` into what the sides tell of the point that was looked at last, as much as that is. */
  colour(into: Float64Array): void {
    const { pinhole, view } = this.#seen;
    const area = view.size ** 2;
    for (let c = 0; c < 3; c++) into[c] += this.#share * (pinhole.pick(view.picture, c * area) - into[c]);
  }
}
