import { FOCAL, RADIUS, type Camera } from '../camera.ts';
import { sampleAlpha } from './sampling.ts';
import type { Material, Scene } from './scene.ts';
import { bindShading, shade, shaded } from './shade.ts';
import { tone } from './tone.ts';

/** Samples per pixel along each axis. */
const SUPERSAMPLING = 2;
/** Clothing wins over the skin under it by up to about 7 mm. */
const CLOTH_BIAS = 1.005;
const OPAQUE = 0.97;
/** More than any inverse distance. */
const NEAREST_INVERSE = 1;
const INVISIBLE = 0.02;

// Working memory, reused: one picture at a time per thread.
let depth = new Float32Array(0);
let nearest = new Int32Array(0);
let firstFragment = new Int32Array(0);
/** Whether the side turned away from the camera is rendered. */
let hidden = false;
const projection = {
  x: new Float32Array(0),
  y: new Float32Array(0),
  inverseDepth: new Float32Array(0),
};
const fragments = {
  count: 0,
  next: new Int32Array(1 << 18),
  triangle: new Int32Array(1 << 18),
  depth: new Float32Array(1 << 18),
  alpha: new Float32Array(1 << 18),
};
const sorted = new Int32Array(256);

function addFragment(sample: number, triangle: number, z: number, alpha: number): void {
  const at = fragments.count++;
  if (at >= fragments.next.length) growFragments();
  fragments.next[at] = firstFragment[sample];
  fragments.triangle[at] = triangle;
  fragments.depth[at] = z;
  fragments.alpha[at] = alpha;
  firstFragment[sample] = at;
}

const grown = <T extends Int32Array | Float32Array>(into: T, from: T): T => (into.set(from), into);

function growFragments(): void {
  const length = fragments.next.length * 2;
  fragments.next = grown(new Int32Array(length), fragments.next);
  fragments.triangle = grown(new Int32Array(length), fragments.triangle);
  fragments.depth = grown(new Float32Array(length), fragments.depth);
  fragments.alpha = grown(new Float32Array(length), fragments.alpha);
}

/** Where a picture's surfaces are told to lie: nearest and farthest of the 255 steps, along the camera's axis. */
const [NEAREST, FARTHEST] = [RADIUS - 0.65, RADIUS + 0.65];

/** A step of a picture's depths; 0, where nothing is, has none. */
export const depthOfStep = (step: number): number => NEAREST + ((step - 1) / 254) * (FARTHEST - NEAREST);

/** What pictures show: what the camera sees, or, through all of that and in the same pixels, the side turned away from it. */
export type Side = 'seen' | 'hidden';

/**
 * Renders a scene: RGBA bytes with straight alpha, rows from the top, `size`² pixels.
 * A visibility buffer holds the nearest opaque fragment of each sample; transparent ones go to per-sample lists that are
 * sorted, so blending is exact whatever the order of the triangles.
 *
 * @param depths `size`² bytes that are filled with where the light stops: the step (see {@link depthOfStep}) of the nearest
 *   surface at which half of a sample's light has been met, 0 where it is not. Of the hidden side the farthest.
 */
export function render(
  scene: Scene,
  camera: Camera,
  size: number,
  depths?: Uint8Array,
  side: Side = 'seen',
): Uint8Array {
  const width = size * SUPERSAMPLING;
  hidden = side === 'hidden';
  prepare(scene, camera, width);
  const levels = new Uint8Array(scene.triangleCount);
  for (let q = 0; q < scene.triangleCount; q++) rasterise(scene, scene.order[q], width, levels);
  bindShading(scene, camera.position, levels, projection);
  if (depths) resolveDepths(scene, size, depths);
  return resolve(size);
}

function prepare(scene: Scene, camera: Camera, width: number): void {
  const samples = width * width;
  if (depth.length !== samples) {
    depth = new Float32Array(samples);
    nearest = new Int32Array(samples);
    firstFragment = new Int32Array(samples);
  }
  depth.fill(0);
  nearest.fill(-1);
  firstFragment.fill(-1);
  fragments.count = 0;
  const { positions, vertexCount } = scene;
  if (projection.x.length < vertexCount) {
    projection.x = new Float32Array(vertexCount);
    projection.y = new Float32Array(vertexCount);
    projection.inverseDepth = new Float32Array(vertexCount);
  }
  const [px, py, pz] = camera.position;
  const [rx, ry, rz] = camera.right;
  const [dx, dy, dz] = camera.down;
  const [fx, fy, fz] = camera.forward;
  const focal = FOCAL * width;
  for (let i = 0; i < vertexCount; i++) {
    const x = positions[3 * i] - px;
    const y = positions[3 * i + 1] - py;
    const z = positions[3 * i + 2] - pz;
    const inverse = 1 / (x * fx + y * fy + z * fz);
    projection.inverseDepth[i] = inverse;
    projection.x[i] = width / 2 + focal * (x * rx + y * ry + z * rz) * inverse;
    projection.y[i] = width / 2 + focal * (x * dx + y * dy + z * dz) * inverse;
  }
}

const biasOf = ({ surface }: Material): number => (surface === 'cloth' ? CLOTH_BIAS : 1);

function rasterise(scene: Scene, t: number, width: number, levels: Uint8Array): void {
  const { triangles, uv, field } = scene;
  const sx = projection.x;
  const sy = projection.y;
  const w = projection.inverseDepth;
  const material = scene.materials[scene.triangleMaterial[t]];
  const a = triangles[3 * t];
  const b = triangles[3 * t + 1];
  const c = triangles[3 * t + 2];
  const x0 = sx[a];
  const y0 = sy[a];
  const x1 = sx[b];
  const y1 = sy[b];
  const x2 = sx[c];
  const y2 = sy[c];
  const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0); // negative for front faces, y is down
  if (area === 0 || (material.cull && area > 0 !== hidden)) return;
  const left = Math.max(0, Math.ceil((x0 < x1 ? (x0 < x2 ? x0 : x2) : x1 < x2 ? x1 : x2) - 0.5));
  const right = Math.min(width - 1, Math.floor((x0 > x1 ? (x0 > x2 ? x0 : x2) : x1 > x2 ? x1 : x2) - 0.5));
  const top = Math.max(0, Math.ceil((y0 < y1 ? (y0 < y2 ? y0 : y2) : y1 < y2 ? y1 : y2) - 0.5));
  const bottom = Math.min(width - 1, Math.floor((y0 > y1 ? (y0 > y2 ? y0 : y2) : y1 > y2 ? y1 : y2) - 0.5));
  if (left > right || top > bottom) return;
  const { texture, edge, opacity, blended } = material;
  const alphaGain = material.alphaGain ?? 1;
  const cutout = texture?.hasAlpha ? texture : null;
  const bias = biasOf(material);
  const wa = w[a];
  const wb = w[b];
  const wc = w[c];
  const l1dx = (y2 - y0) / area;
  const l1dy = -(x2 - x0) / area;
  const l2dx = -(y1 - y0) / area;
  const l2dy = (x1 - x0) / area;
  let level = 0;
  if (texture) {
    const { width: tw, height: th } = texture.mips[0];
    const u1 = uv[2 * b] - uv[2 * a];
    const v1 = uv[2 * b + 1] - uv[2 * a + 1];
    const u2 = uv[2 * c] - uv[2 * a];
    const v2 = uv[2 * c + 1] - uv[2 * a + 1];
    const texelsPerSample = (Math.abs(u1 * v2 - u2 * v1) * tw * th) / Math.abs(area);
    const wanted = Math.round(0.5 * Math.log2(texelsPerSample + 1e-9) - 0.35);
    level = Math.max(0, Math.min(texture.mips.length - 1, wanted));
  }
  levels[t] = level;
  for (let y = top; y <= bottom; y++) {
    let l1 = (left + 0.5 - x0) * l1dx + (y + 0.5 - y0) * l1dy;
    let l2 = (left + 0.5 - x0) * l2dx + (y + 0.5 - y0) * l2dy;
    let o = y * width + left;
    for (let x = left; x <= right; x++, o++, l1 += l1dx, l2 += l2dx) {
      const l0 = 1 - l1 - l2;
      if (l0 < -1e-5 || l1 < -1e-5 || l2 < -1e-5) continue;
      const inverse = l0 * wa + l1 * wb + l2 * wc;
      const z = hidden ? NEAREST_INVERSE - inverse / bias : inverse * bias;
      if (z <= depth[o]) continue;
      if (!blended) {
        depth[o] = z;
        nearest[o] = t;
        continue;
      }
      const p0 = (l0 * wa) / inverse;
      const p1 = (l1 * wb) / inverse;
      const p2 = (l2 * wc) / inverse;
      let alpha = opacity;
      if (cutout) {
        const u = p0 * uv[2 * a] + p1 * uv[2 * b] + p2 * uv[2 * c];
        const v = p0 * uv[2 * a + 1] + p1 * uv[2 * b + 1] + p2 * uv[2 * c + 1];
        alpha *= Math.min(1, sampleAlpha(cutout, level, u, v) * alphaGain);
      }
      if (edge) {
        const cover = (p0 * field[a] + p1 * field[b] + p2 * field[c]) / edge + 0.5;
        if (cover <= 0) continue;
        if (cover < 1) alpha *= cover;
      }
      if (alpha < INVISIBLE) continue;
      if (alpha > OPAQUE) {
        depth[o] = z;
        nearest[o] = t;
      } else addFragment(o, t, z, alpha);
    }
  }
}

/** Sorts the fragments of a sample in front of `behind`, nearest first; returns how many there are. */
function sortFragments(sample: number, behind: number): number {
  const { next, depth: z } = fragments;
  let count = 0;
  for (let f = firstFragment[sample]; f >= 0 && count < sorted.length; f = next[f]) {
    if (z[f] <= behind) continue;
    let at = count++;
    for (; at > 0 && z[sorted[at - 1]] < z[f]; at--) sorted[at] = sorted[at - 1];
    sorted[at] = f;
  }
  return count;
}

/** Distances along the camera's axis to what a pixel's samples show, as steps; the nearest of its samples counts, or the farthest of a hidden side. */
function resolveDepths(scene: Scene, size: number, depths: Uint8Array): void {
  const width = size * SUPERSAMPLING;
  const inverseDepthOf = (triangle: number, z: number): number => {
    const bias = biasOf(scene.materials[scene.triangleMaterial[triangle]]);
    return hidden ? (NEAREST_INVERSE - z) * bias : z / bias;
  };
  depths.fill(0);
  for (let o = 0; o < width * width; o++) {
    let inverse = nearest[o] >= 0 ? inverseDepthOf(nearest[o], depth[o]) : 0;
    let transmittance = 1;
    const count = firstFragment[o] >= 0 ? sortFragments(o, depth[o]) : 0;
    for (let i = 0; i < count; i++) {
      const f = sorted[i];
      transmittance *= 1 - fragments.alpha[f];
      if (transmittance >= 0.5) continue;
      inverse = inverseDepthOf(fragments.triangle[f], fragments.depth[f]);
      break;
    }
    if (inverse === 0) continue;
    const along = (1 / inverse - NEAREST) / (FARTHEST - NEAREST);
    const step = 1 + Math.round(254 * Math.min(1, Math.max(0, along)));
    const pixel = Math.floor(o / width / SUPERSAMPLING) * size + Math.floor((o % width) / SUPERSAMPLING);
    if (depths[pixel] === 0 || step < depths[pixel] !== hidden) depths[pixel] = step;
  }
}

/** Shades, blends, tone maps each sample (which keeps edges clean) and averages the samples of a pixel. */
function resolve(size: number): Uint8Array {
  const width = size * SUPERSAMPLING;
  const share = 1 / SUPERSAMPLING ** 2;
  const image = new Uint8Array(size * size * 4);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const left = (pixel % size) * SUPERSAMPLING;
    const top = Math.floor(pixel / size) * SUPERSAMPLING;
    let red = 0;
    let green = 0;
    let blue = 0;
    let alpha = 0;
    for (let k = 0; k < SUPERSAMPLING * SUPERSAMPLING; k++) {
      const x = left + (k % SUPERSAMPLING);
      const y = top + Math.floor(k / SUPERSAMPLING);
      const o = y * width + x;
      let transmittance = 1;
      let r = 0;
      let g = 0;
      let b = 0;
      const count = firstFragment[o] >= 0 ? sortFragments(o, depth[o]) : 0;
      for (let i = 0; i < count && transmittance > INVISIBLE; i++) {
        const f = sorted[i];
        shade(fragments.triangle[f], x + 0.5, y + 0.5);
        const weight = transmittance * fragments.alpha[f];
        r += weight * shaded[0];
        g += weight * shaded[1];
        b += weight * shaded[2];
        transmittance *= 1 - fragments.alpha[f];
      }
      if (nearest[o] >= 0) {
        if (transmittance > INVISIBLE) {
          shade(nearest[o], x + 0.5, y + 0.5);
          r += transmittance * shaded[0];
          g += transmittance * shaded[1];
          b += transmittance * shaded[2];
        }
        transmittance = 0;
      }
      const cover = 1 - transmittance;
      if (cover <= 0) continue;
      red += cover * tone(r / cover);
      green += cover * tone(g / cover);
      blue += cover * tone(b / cover);
      alpha += cover;
    }
    if (alpha === 0) continue;
    image[4 * pixel] = Math.min(255, (red / alpha) * 255 + 0.5);
    image[4 * pixel + 1] = Math.min(255, (green / alpha) * 255 + 0.5);
    image[4 * pixel + 2] = Math.min(255, (blue / alpha) * 255 + 0.5);
    image[4 * pixel + 3] = alpha * share * 255 + 0.5;
  }
  return image;
}
