/** Planes `[C, S, S]` as `[C, side, side]`, each pixel the mean of those it stands for; S is a multiple of `side`. */
export function shrunk(planes: Float32Array, size: number, side: number): Float32Array {
  const factor = size / side;
  if (factor === 1) return planes;
  const out = new Float32Array((planes.length / size ** 2) * side * side);
  const share = 1 / factor ** 2;
  // A channel's rows of pixels are as many times `factor` as its rows of means, so rows need no telling apart by channel.
  for (let row = 0; row < planes.length / size; row++) {
    const to = Math.floor(row / factor) * side;
    for (let x = 0, i = row * size; x < side; x++) {
      let sum = 0;
      for (const end = i + factor; i < end; i++) sum += planes[i];
      out[to + x] += share * sum;
    }
  }
  return out;
}

/** Planes `[C, S, S]` as `[C, side, side]`, linear between pixel centres; `side` is a multiple of S. */
export function enlarged(planes: Float32Array, size: number, side: number): Float32Array {
  if (size === side) return planes;
  const out = new Float32Array((planes.length / size ** 2) * side ** 2);
  const places = Array.from({ length: side }, (_, i) => {
    const at = Math.min(size - 1, Math.max(0, ((i + 0.5) * size) / side - 0.5));
    const low = Math.min(size - 2, Math.floor(at));
    return { low, share: at - low };
  });
  for (let i = 0; i < out.length; i++) {
    const x = places[i % side];
    const row = Math.floor(i / side);
    const y = places[row % side];
    const corner = (Math.floor(row / side) * size + y.low) * size + x.low;
    const along = (start: number) => planes[start] + x.share * (planes[start + 1] - planes[start]);
    out[i] = along(corner) + y.share * (along(corner + size) - along(corner));
  }
  return out;
}

/** Planes `[C, S, S]` blurred by [1, 2, 1]/4 along both axes, `times` times; edges are repeated. */
export function blurred(planes: Float32Array, size: number, times: number): Float32Array {
  if (times === 0) return planes;
  const values = planes.slice();
  const along = new Float32Array(planes.length);
  for (let pass = 0; pass < times; pass++) {
    for (let row = 0; row < values.length; row += size) {
      const last = row + size - 1;
      along[row] = (3 * values[row] + values[row + 1]) / 4;
      for (let i = row + 1; i < last; i++) along[i] = (values[i - 1] + 2 * values[i] + values[i + 1]) / 4;
      along[last] = (values[last - 1] + 3 * values[last]) / 4;
    }
    for (let row = 0; row < values.length; row += size) {
      const y = (row / size) % size;
      const before = y > 0 ? size : 0;
      const after = y < size - 1 ? size : 0;
      for (let i = row; i < row + size; i++) {
        values[i] = (along[i - before] + 2 * along[i] + along[i + after]) / 4;
      }
    }
  }
  return values;
}

/** Planes `[…, S, S]` turned left to right. */
export function mirrored<T extends Float32Array | Uint8Array>(planes: T, size: number): T {
  return planes.map((_, i) => planes[i - (i % size) + size - 1 - (i % size)]) as T;
}
