import { smoothStep } from '../ramp.ts';
import { slopeAt, type DensityGrid } from './density-grid.ts';
import { BetweenSides } from './hidden-side.ts';
import type { PosedPicture } from './posed-picture.ts';
import { FromSides } from './side-views.ts';
import type { Box } from './voxel-cells.ts';

/** Density of the field from which on it has a surface at a point, and where it certainly has one. */
const THERE = [20, 100] as const;

/** Points to either side between which a surface's slope is taken: more than one, as densities rise in steps. */
const SLOPE = 3;

/** What is inferred of a grid's points from a picture that tells of both sides of somebody, and what that looks like from the left and the right. */
export class Inferred {
  /** Densities of the points, and how much of each is inferred. */
  readonly values: Float32Array;
  readonly shares: Float32Array;
  readonly #grid: Box;
  readonly #between: BetweenSides;
  readonly #sides: FromSides | undefined;
  /** Of the last point that was looked at. */
  #behind = -1;
  #aside = 0;
  readonly #normal = new Float64Array(3);
  readonly #own = new Float64Array(3);

  private constructor(grid: Box, between: BetweenSides, sides: FromSides | undefined) {
    this.#grid = grid;
    this.#between = between;
    this.#sides = sides;
    const { values, shares } = between.densities();
    sides?.tellRest(values, shares);
    this.values = values;
    this.shares = shares;
  }

  /** From the first of the pictures that tells of both sides; nothing where none does. */
  static from(grid: Box, pictures: readonly PosedPicture[]): Inferred | undefined {
    const front = pictures.find(({ hidden }) => hidden);
    if (!front?.hidden) return undefined;
    const sides = front.sides && new FromSides(grid, front.sides);
    return new Inferred(grid, new BetweenSides(grid, front, front.hidden), sides);
  }

  /**
   * Writes the sRGB 0…1 `[3]` of a point if it is what it is whatever a field says: of the far side, and where surfaces are turned to the left or the right.
   *
   * @param density what the grid's points have, the inferred ones included
   */
  isKnown(density: DensityGrid, index: number, colour: Float64Array): boolean {
    if (this.shares[index] < 1) return false;
    this.#look(density, index);
    const [behind, aside] = [this.#behind, this.#aside];
    if (behind < 1 && aside < 1) return false;
    if (aside < 1) this.#between.colour(behind, colour);
    if (aside > 0) this.#sides?.colour(colour);
    return true;
  }

  /** Changes the colour that a field has at a point into what is inferred, the less the more surely the field has a surface there too. */
  mixInto(density: DensityGrid, index: number, there: number, colour: Float64Array): void {
    this.#look(density, index);
    const behind = this.#behind;
    const trust = behind < 0 ? 1 : smoothStep(there, THERE[0], THERE[1]) * (1 - behind);
    if (trust < 1) {
      const own = this.#own;
      this.#between.colour(behind, own);
      for (let c = 0; c < 3; c++) colour[c] = own[c] + trust * (colour[c] - own[c]);
    }
    if (this.#aside > 0) this.#sides?.colour(colour);
  }

  /** Looks at a point: how much of its colour is the far side's, and how much is what is seen from the left or the right. */
  #look(density: DensityGrid, index: number): void {
    const { size, origin, spacing } = this.#grid;
    const i = index % size[0];
    const line = (index - i) / size[0];
    const j = line % size[1];
    const k = (line - j) / size[1];
    const [x, y, z] = [origin[0] + spacing * i, origin[1] + spacing * j, origin[2] + spacing * k];
    this.#behind = this.#between.behind(x, y, z);
    const normal = this.#normal;
    this.#aside =
      this.#sides && slopeAt(density, index, SLOPE, normal) ? this.#sides.look(x, y, z, normal) : 0;
  }
}
