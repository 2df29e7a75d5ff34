/** A square texture; rows from the top. */
export interface Texture {
  readonly size: number;
  /** sRGB, `[size, size, 3]`. */
  readonly rgb: Uint8Array;
}

/** Looks up the colour at a point of a surface: writes sRGB 0…255 to `into`; false where nothing is seen. */
export type ColourAt = (
  x: number, y: number, z: number, nx: number, ny: number, nz: number, into: Float32Array,
) => boolean; // prettier-ignore

export interface Unfolded {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly uvs: Float32Array;
  readonly indices: Uint32Array;
}

/**
 * A texture whose every covered texel has the colour of its own point of the surface. What no triangle covers, or where
 * nothing is seen, is filled from around, so that filtering and mipmaps find no foreign colour at the seams.
 */
export function bakeTexture(mesh: Unfolded, size: number, colourAt: ColourAt): Texture {
  const rgb = new Float32Array(3 * size * size);
  const covered = new Float32Array(size * size);
  const colour = new Float32Array(3);
  forEachTexel(mesh, size, (texel, a, b, c, wb, wc) => {
    const at = (from: Float32Array, axis: number) =>
      (1 - wb - wc) * from[3 * a + axis] + wb * from[3 * b + axis] + wc * from[3 * c + axis];
    const [nx, ny, nz] = [at(mesh.normals, 0), at(mesh.normals, 1), at(mesh.normals, 2)];
    const length = Math.hypot(nx, ny, nz) || 1;
    const seen = colourAt(at(mesh.positions, 0), at(mesh.positions, 1), at(mesh.positions, 2), nx / length, ny / length, nz / length, colour); // prettier-ignore
    if (!seen) return;
    covered[texel] = 1;
    rgb.set(colour, 3 * texel);
  });
  fillGaps(rgb, covered, size);
  return { size, rgb: new Uint8Array(new Uint8ClampedArray(rgb).buffer) };
}

type TexelVisitor = (texel: number, a: number, b: number, c: number, wb: number, wc: number) => void;

/** Visits every texel whose centre a triangle covers, with the weights of its second and third corner. */
export function forEachTexel(
  { uvs, indices }: Pick<Unfolded, 'uvs' | 'indices'>,
  size: number,
  visit: TexelVisitor,
): void {
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t], indices[t + 1], indices[t + 2]];
    const [ax, ay] = [uvs[2 * a] * size - 0.5, uvs[2 * a + 1] * size - 0.5];
    const [bx, by] = [uvs[2 * b] * size - 0.5 - ax, uvs[2 * b + 1] * size - 0.5 - ay];
    const [cx, cy] = [uvs[2 * c] * size - 0.5 - ax, uvs[2 * c + 1] * size - 0.5 - ay];
    const area = bx * cy - by * cx;
    if (area === 0) continue;
    const left = Math.max(0, Math.ceil(ax + Math.min(0, bx, cx)));
    const right = Math.min(size - 1, Math.floor(ax + Math.max(0, bx, cx)));
    const top = Math.max(0, Math.ceil(ay + Math.min(0, by, cy)));
    const bottom = Math.min(size - 1, Math.floor(ay + Math.max(0, by, cy)));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const wb = ((x - ax) * cy - (y - ay) * cx) / area;
        const wc = (bx * (y - ay) - by * (x - ax)) / area;
        if (wb >= 0 && wc >= 0 && wb + wc <= 1) visit(y * size + x, a, b, c, wb, wc);
      }
    }
  }
}

/** Push-pull (Gortler et al. 1996): averages down to one texel, then fills each level's gaps from the coarser one. */
function fillGaps(rgb: Float32Array, weight: Float32Array, size: number): void {
  if (size === 1) return;
  const half = Math.ceil(size / 2);
  const coarse = new Float32Array(3 * half * half);
  const coarseWeight = new Float32Array(half * half);
  for (let i = 0; i < size * size; i++) {
    if (weight[i] === 0) continue;
    const to = (Math.floor(i / size) >> 1) * half + ((i % size) >> 1);
    coarseWeight[to]++;
    for (let c = 0; c < 3; c++) coarse[3 * to + c] += rgb[3 * i + c];
  }
  for (let i = 0; i < half * half; i++) {
    if (coarseWeight[i] > 0) for (let c = 0; c < 3; c++) coarse[3 * i + c] /= coarseWeight[i];
  }
  fillGaps(coarse, coarseWeight, half);
  for (let i = 0; i < size * size; i++) {
    if (weight[i] > 0) continue;
    const from = (Math.floor(i / size) >> 1) * half + ((i % size) >> 1);
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = coarse[3 * from + c];
  }
}
