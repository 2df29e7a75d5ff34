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
  const { positions: p, normals: n } = mesh;
  forEachTexel(mesh, size, (texel, first, second, third, wb, wc) => {
    const wa = 1 - wb - wc;
    const a = 3 * first;
    const b = 3 * second;
    const c = 3 * third;
    const nx = wa * n[a] + wb * n[b] + wc * n[c];
    const ny = wa * n[a + 1] + wb * n[b + 1] + wc * n[c + 1];
    const nz = wa * n[a + 2] + wb * n[b + 2] + wc * n[c + 2];
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
    const x = wa * p[a] + wb * p[b] + wc * p[c];
    const y = wa * p[a + 1] + wb * p[b + 1] + wc * p[c + 1];
    const z = wa * p[a + 2] + wb * p[b + 2] + wc * p[c + 2];
    if (!colourAt(x, y, z, nx / length, ny / length, nz / length, colour)) return;
    covered[texel] = 1;
    rgb[3 * texel] = colour[0];
    rgb[3 * texel + 1] = colour[1];
    rgb[3 * texel + 2] = colour[2];
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
    const a = indices[t];
    const b = indices[t + 1];
    const c = indices[t + 2];
    const ax = uvs[2 * a] * size - 0.5;
    const ay = uvs[2 * a + 1] * size - 0.5;
    const bx = uvs[2 * b] * size - 0.5 - ax;
    const by = uvs[2 * b + 1] * size - 0.5 - ay;
    const cx = uvs[2 * c] * size - 0.5 - ax;
    const cy = uvs[2 * c + 1] * size - 0.5 - ay;
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
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const i = y * size + x;
      if (weight[i] === 0) continue;
      const to = (y >> 1) * half + (x >> 1);
      coarseWeight[to]++;
      coarse[3 * to] += rgb[3 * i];
      coarse[3 * to + 1] += rgb[3 * i + 1];
      coarse[3 * to + 2] += rgb[3 * i + 2];
    }
  }
  for (let i = 0; i < half * half; i++) {
    if (coarseWeight[i] > 0) for (let c = 0; c < 3; c++) coarse[3 * i + c] /= coarseWeight[i];
  }
  fillGaps(coarse, coarseWeight, half);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const i = y * size + x;
      if (weight[i] > 0) continue;
      const from = (y >> 1) * half + (x >> 1);
      rgb[3 * i] = coarse[3 * from];
      rgb[3 * i + 1] = coarse[3 * from + 1];
      rgb[3 * i + 2] = coarse[3 * from + 2];
    }
  }
}
