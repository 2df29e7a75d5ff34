import type { Picture } from '../picture.ts';
import { blurred } from '../planes.ts';
import { smoothStep } from '../ramp.ts';
import { Pinhole } from './pinhole.ts';

/** A picture of a surface, laid over it from where it was seen. */
export interface ProjectedPicture {
  /** Camera that it was seen from: cam2world row-major 4×4, then the normalised 3×3 intrinsics. */
  readonly label: readonly number[];
  readonly size: number;
  /** `[size, size, 4]`: colours times how much they count, and how much they count. */
  readonly texels: Float32Array;
  /** Cosine between the surface's normal and the view, `[size, size]`. */
  readonly facing: Float32Array;
  /** How far the surface is from the camera in world units, `[size, size]`. */
  readonly distances: Float32Array;
}

/** A picture of what is there so far, with the distances from its camera, `[size, size]`. */
export type Depicted = Picture & { readonly distances: Float32Array };

/** Alpha from which a pixel shows nothing but the person, in either picture. */
const COVERED = 0.95;

/** Passes of the blur that takes a picture in from its outlines, and of the one that evens out distances. */
const [FEATHER, EVEN] = [8, 2];

/**
 * Cosine between the surface's normal and the picture's view: below the first the picture does not count, from the second on it does. What it shows of
 * slopes is right for those who look from where it was seen, and smeared for others.
 */
const THERE = [0.25, 0.5] as const;
const ELSEWHERE = [0.4, 0.7] as const;

/** Angle between two cameras' views in degrees: up to the first they look from the same place, from the second on from elsewhere. */
const [SAME, OTHER] = [10, 40];

/** World units by which a point may miss the surface that was seen: up to the first it counts, from the second on it is hidden. */
const [NEAR, HIDDEN] = [0.03, 0.06];

/**
 * What a picture shows of a surface: all that both it and the portrait cover, but for outlines, and slopes that the camera sees at
 * a low angle.
 *
 * @param seen the portrait from the picture's camera, of the picture's size
 */
export function projectedPicture(
  picture: Picture,
  seen: Depicted,
  label: ArrayLike<number>,
): ProjectedPicture {
  const { width: size, data } = picture;
  const area = size * size;
  const covered = Float32Array.from({ length: area }, (_, i) =>
    Math.min(data[3 * area + i], seen.data[3 * area + i]) > COVERED ? 1 : 0,
  );
  const inside = blurred(covered, size, FEATHER);
  const even = blurred(seen.distances, size, EVEN);
  const texels = new Float32Array(4 * area);
  const facing = new Float32Array(area);
  for (let i = 0; i < area; i++) {
    if (covered[i] === 0) continue;
    facing[i] = cosine(even, size, i, label[16]);
    // At the outline itself half of the neighbours are inside.
    const share = smoothStep(inside[i], 0.6, 0.95);
    for (let c = 0; c < 3; c++)
      texels[4 * i + c] = (share * data[c * area + i]) / Math.max(COVERED, data[3 * area + i]);
    texels[4 * i + 3] = share;
  }
  return { label: Array.from(label), size, texels, facing, distances: seen.distances };
}

/** The cosine between a surface's normal and the view, by how distances differ between neighbouring pixels. */
function cosine(distances: Float32Array, size: number, i: number, focal: number): number {
  const [row, column] = [Math.floor(i / size), i % size];
  const along = (position: number, stride: number) => {
    const [before, after] = [position > 0 ? stride : 0, position < size - 1 ? stride : 0];
    return (distances[i + after] - distances[i - before]) / ((after + before) / stride);
  };
  const pixel = distances[i] / (focal * size);
  const slope = Math.hypot(along(column, 1), along(row, size)) / pixel;
  return 1 / Math.hypot(1, slope);
}

/** Adds to `into` the colour of a point times how much it counts, and returns how much that is. */
export type Projection = (x: number, y: number, z: number, into: Float64Array) => number;

/**
 * What projected pictures show at points of the world: of each as much as those before it leave.
 *
 * @param viewer label of the camera for which they are looked up (view-dependent texture mapping, Debevec et al. 1996); without it, for anyone
 */
export function projections(pictures: readonly ProjectedPicture[], viewer?: ArrayLike<number>): Projection {
  const each = pictures.map((picture) =>
    projection(picture, viewer ? elsewhere(picture.label, viewer) : 0.5),
  );
  const one = new Float64Array(3);
  return (x, y, z, into) => {
    let left = 1;
    for (const lookUp of each) {
      one.fill(0);
      const share = lookUp(x, y, z, one);
      if (share === 0) continue;
      for (let c = 0; c < 3; c++) into[c] += left * one[c];
      left *= 1 - share;
      if (left < 1e-3) break;
    }
    return 1 - left;
  };
}

/** How far a camera looks from elsewhere than another: 0 from the same place, 1 from quite another. */
function elsewhere(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const cosine = one[2] * other[2] + one[6] * other[6] + one[10] * other[10];
  return smoothStep((180 / Math.PI) * Math.acos(Math.min(1, Math.max(-1, cosine))), SAME, OTHER);
}

/**
 * Looks up what a projected picture shows at points of the world, 0 where its camera did not see them: projective texture mapping with
 * a test of depth (Segal et al. 1992).
 */
function projection({ label, size, texels, facing, distances }: ProjectedPicture, aside: number): Projection {
  const [grazing, full] = THERE.map((cosine, i) => cosine + aside * (ELSEWHERE[i] - cosine));
  const pinhole = new Pinhole(label, size);
  const [tx, ty, tz] = [label[3], label[7], label[11]];
  // Written without small arrays: this is a lookup for every pixel of a video, and for every texel of a mesh.
  return (x, y, z, into) => {
    if (!pinhole.look(x, y, z)) return 0;
    const u = pinhole.column;
    const v = pinhole.row;
    const dx = x - tx;
    const dy = y - ty;
    const dz = z - tz;
    const missed = Math.abs(
      Math.sqrt(dx * dx + dy * dy + dz * dz) - distances[Math.round(v) * size + Math.round(u)],
    );
    if (missed >= HIDDEN) return 0;
    const i = Math.floor(u);
    const j = Math.floor(v);
    const fu = u - i;
    const fv = v - j;
    const at = j * size + i;
    const upper = (1 - fu) * facing[at] + fu * facing[at + 1];
    const lower = (1 - fu) * facing[at + size] + fu * facing[at + size + 1];
    const slope = smoothStep(upper + fv * (lower - upper), grazing, full);
    const share = slope * (1 - smoothStep(missed, NEAR, HIDDEN));
    const a = (1 - fu) * (1 - fv) * share;
    const b = fu * (1 - fv) * share;
    const c = (1 - fu) * fv * share;
    const d = fu * fv * share;
    const p = 4 * at;
    const q = p + 4 * size;
    into[0] += a * texels[p] + b * texels[p + 4] + c * texels[q] + d * texels[q + 4];
    into[1] += a * texels[p + 1] + b * texels[p + 5] + c * texels[q + 1] + d * texels[q + 5];
    into[2] += a * texels[p + 2] + b * texels[p + 6] + c * texels[q + 2] + d * texels[q + 6];
    return a * texels[p + 3] + b * texels[p + 7] + c * texels[q + 3] + d * texels[q + 7];
  };
}
