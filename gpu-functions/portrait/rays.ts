import {
  add,
  concat,
  div,
  hostTensor,
  matmul,
  maximum,
  mul,
  ones,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  transposeLast,
  zerosLike,
  type HostTensor,
  type Value,
} from '../graph/index.ts';

/** Rays in world space; directions have unit length. Shapes [..., R, 3]. */
export interface Rays {
  readonly origins: Value;
  readonly directions: Value;
}

/** Pixel centres of a square picture as (u, v) in [0, 1]², row by row: [1, size², 2]. */
export function pixelCentres(size: number): HostTensor {
  const data = new Float32Array(2 * size * size);
  for (let i = 0; i < size * size; i++) {
    data[2 * i] = ((i % size) + 0.5) / size;
    data[2 * i + 1] = (Math.floor(i / size) + 0.5) / size;
  }
  return hostTensor(data, [1, size * size, 2]);
}

/**
 * Rays through image points; differentiable with respect to the camera.
 * @param cameras [N, 25] labels @param pixels [N or 1, R, 2], (u, v) in units of the image side @returns rays [N, R, 3]
 */
export function cameraRays(cameras: Value, pixels: Value): Rays {
  const n = cameras.shape[0];
  const entry = (i: number): Value => reshape(slice(cameras, 1, i, i + 1), [n, 1, 1]);
  const [fx, skew, cx, fy, cy] = [16, 17, 18, 20, 21].map(entry);
  const [u, v] = [slice(pixels, 2, 0, 1), slice(pixels, 2, 1, 2)];
  // x = (u − cx + cy·sk/fy − sk·v/fy)/fx, y = (v − cy)/fy, z = 1
  const y = div(sub(v, cy), fy);
  const x = div(sub(sub(u, cx), mul(skew, y)), fx);
  const inCamera = concat([x, y, ones(y.shape)], 2);
  const matrix = reshape(slice(cameras, 1, 0, 16), [n, 4, 4]);
  const rotation = slice(slice(matrix, 1, 0, 3), 2, 0, 3);
  const origin = reshape(slice(slice(matrix, 1, 0, 3), 2, 3, 4), [n, 1, 3]);
  const along = matmul(inCamera, transposeLast(rotation));
  const length = maximum(sqrt(sum(square(along), [2], true)), 1e-12);
  const directions = div(along, length);
  return { origins: add(zerosLike(directions), origin), directions };
}

/** Points at distances t [..., R, K] along rays [..., R, 3]: [..., R·K, 3]. */
export function pointsAlong(rays: Rays, t: Value): Value {
  const lead = t.shape.slice(0, -2);
  const [r, k] = t.shape.slice(-2);
  const spread = (x: Value): Value => reshape(x, [...lead, r, 1, 3]);
  const points = add(spread(rays.origins), mul(spread(rays.directions), reshape(t, [...lead, r, k, 1])));
  return reshape(points, [...lead, r * k, 3]);
}
