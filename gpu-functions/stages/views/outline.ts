/** Alpha of an outline. */
const HALF = 0.5;

/** Pixels from the outline up to which distances are told; beyond, they are this. */
export const REACH = 6;

/** Pixels along an outline, to either side of a place where it was found, that it goes straight on. */
const STRAIGHT = 0.5;

/**
 * How far pixels lie inside of the outline of an alpha `[side, side]`, in pixels, negative outside: the distance to the nearest piece of it, straight on
 * from where alpha is a half between two neighbours (after the anti-aliased distance transform, Gustavson and Strand 2011, with the neighbours searched in
 * full). What the frame cuts off has no outline there.
 */
export function outlineDistances(alpha: Float32Array, side: number): Float32Array {
  const distances = new Float32Array(side * side).fill(REACH * REACH);
  const rise = (i: number, position: number, stride: number): number =>
    alpha[position < side - 1 ? i + stride : i] - alpha[position > 0 ? i - stride : i];
  /** Where the outline passes, between pixel `i` and the next one, to which it is so much of the way. */
  const pass = (i: number, stride: number, share: number): void => {
    const [row, column] = [Math.floor(i / side), i % side];
    const [x, y] = stride === 1 ? [column + share, row] : [column, row + share];
    const next = i + stride;
    const across = rise(i, column, 1) + rise(next, next % side, 1);
    const down = rise(i, row, side) + rise(next, Math.floor(next / side), side);
    const steep = Math.hypot(across, down) || 1;
    const [nx, ny] = [across / steep, down / steep];
    const [right, bottom] = [x, y].map((place) => Math.min(side - 1, Math.floor(place + REACH)));
    for (let v = Math.max(0, Math.ceil(y - REACH)); v <= bottom; v++) {
      for (let u = Math.max(0, Math.ceil(x - REACH)); u <= right; u++) {
        const along = Math.max(0, Math.abs((u - x) * ny - (v - y) * nx) - STRAIGHT);
        const squared = ((u - x) * nx + (v - y) * ny) ** 2 + along * along;
        if (squared < distances[v * side + u]) distances[v * side + u] = squared;
      }
    }
  };
  for (let i = 0; i < alpha.length; i++) {
    const own = alpha[i] - HALF;
    const right = i % side < side - 1 ? alpha[i + 1] - HALF : own;
    const below = i + side < alpha.length ? alpha[i + side] - HALF : own;
    if (own < 0 !== right < 0) pass(i, 1, own / (own - right));
    if (own < 0 !== below < 0) pass(i, side, own / (own - below));
  }
  return distances.map((squared, i) => (alpha[i] < HALF ? -1 : 1) * Math.sqrt(squared));
}
