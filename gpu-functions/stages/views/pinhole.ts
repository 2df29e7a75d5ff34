/**
 * Where points of the world appear in a square picture of a camera, and where its pixels look. Its numbers are overwritten by each {@link look} and
 * {@link aim}: grids have millions of points, and are looked up without small arrays.
 */
export class Pinhole {
  /** Pixels from the middle of the first column and row, where the last point appears. */
  column = 0;
  row = 0;
  /** How far the last point is along the camera's axis, world units. */
  ahead = 0;
  /** Unit direction in the world of the last pixel's ray. */
  dx = 0;
  dy = 0;
  dz = 0;
  readonly side: number;
  readonly #pose: Float64Array;
  readonly #fx: number;
  readonly #skew: number;
  readonly #cx: number;
  readonly #fy: number;
  readonly #cy: number;

  /** @param label 25 floats: cam2world row-major, then the normalised intrinsics */
  constructor(label: ArrayLike<number>, side: number) {
    this.side = side;
    this.#pose = Float64Array.from({ length: 12 }, (_, i) => label[i]);
    [this.#fx, this.#skew, this.#cx] = [label[16], label[17], label[18]];
    [this.#fy, this.#cy] = [label[20], label[21]];
  }

  /** Whether a point is before the camera, and inside of the middles of its picture's outermost pixels. */
  look(worldX: number, worldY: number, worldZ: number): boolean {
    const pose = this.#pose;
    const x = worldX - pose[3];
    const y = worldY - pose[7];
    const z = worldZ - pose[11];
    const ahead = pose[2] * x + pose[6] * y + pose[10] * z;
    if (ahead <= 0) return false;
    const right = (pose[0] * x + pose[4] * y + pose[8] * z) / ahead;
    const down = (pose[1] * x + pose[5] * y + pose[9] * z) / ahead;
    const side = this.side;
    const column = (this.#fx * right + this.#skew * down + this.#cx) * side - 0.5;
    const row = (this.#fy * down + this.#cy) * side - 0.5;
    this.ahead = ahead;
    this.column = column;
    this.row = row;
    return column >= 0 && row >= 0 && column < side - 1 && row < side - 1;
  }

  /** How many pixels from the middles of the outermost ones the last point appears; negative beyond them. */
  edge(): number {
    const last = this.side - 1;
    return Math.min(this.column, this.row, last - this.column, last - this.row);
  }

  /**
   * What a plane of pixels `[side, side]` has at the last point, linear between their middles.
   *
   * @param from where the plane begins among `planes`
   */
  pick(planes: Float32Array, from = 0): number {
    const { column, row, side } = this;
    const i = column | 0;
    const j = row | 0;
    const at = from + j * side + i;
    const above = planes[at] + (column - i) * (planes[at + 1] - planes[at]);
    const below = planes[at + side] + (column - i) * (planes[at + side + 1] - planes[at + side]);
    return above + (row - j) * (below - above);
  }

  /** Turns to the middle of a pixel. */
  aim(row: number, column: number): void {
    const pose = this.#pose;
    const down = ((row + 0.5) / this.side - this.#cy) / this.#fy;
    const across = ((column + 0.5) / this.side - this.#cx - this.#skew * down) / this.#fx;
    const norm = Math.sqrt(across * across + down * down + 1);
    this.dx = (pose[0] * across + pose[1] * down + pose[2]) / norm;
    this.dy = (pose[4] * across + pose[5] * down + pose[6]) / norm;
    this.dz = (pose[8] * across + pose[9] * down + pose[10]) / norm;
  }
}
