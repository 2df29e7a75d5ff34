/** Rays on the host: world units, one after the other, `[count, 3]` each; directions have unit length. */
export interface Rays {
  readonly count: number;
  readonly origins: Float32Array;
  readonly directions: Float32Array;
}

/**
 * The rays through the pixel centres of a square picture, row by row, of a camera label: cam2world row-major 4×4
 * (OpenCV axes: x right, y down, z forward) and 3×3 intrinsics normalised by the picture's size (EG3D's RaySampler).
 */
export function cameraRays(label: ArrayLike<number>, size: number): Rays {
  const pixels = Int32Array.from({ length: size * size }, (_, index) => index);
  return pixelRays(label, size, pixels);
}

/** As {@link cameraRays}, of the pixels `row·size + column` alone. */
export function pixelRays(label: ArrayLike<number>, size: number, pixels: ArrayLike<number>): Rays {
  const [fx, skew, cx, fy, cy] = [label[16], label[17], label[18], label[20], label[21]];
  const count = pixels.length;
  const origins = new Float32Array(3 * count);
  const directions = new Float32Array(3 * count);
  for (let ray = 0; ray < count; ray++) {
    const u = ((pixels[ray] % size) + 0.5) / size;
    const v = (Math.floor(pixels[ray] / size) + 0.5) / size;
    const y = (v - cy) / fy;
    const x = (u - cx - skew * y) / fx;
    const norm = Math.sqrt(x * x + y * y + 1);
    for (let axis = 0; axis < 3; axis++) {
      const row = 4 * axis;
      origins[3 * ray + axis] = label[row + 3];
      directions[3 * ray + axis] = (label[row] * x + label[row + 1] * y + label[row + 2]) / norm;
    }
  }
  return { count, origins, directions };
}
