import { hostTensor } from '../../gpu-functions/graph/index.ts';
import type { HostTensor } from '../../gpu-functions/graph/index.ts';
import type { Random } from '../../gpu-functions/nn/index.ts';
import { depthOfStep } from '../synthetic/render/index.ts';
import type { Dataset } from './dataset.ts';
import { mirror, writePlanes } from './dataset.ts';
import type { Drawings } from './drawings.ts';

/** How many people, views and rays one step sees. */
export interface RayBatchSizes {
  identities: number;
  /** Views per person that rays are taken from. */
  views: number;
  /** Rays per person, over all its views. */
  rays: number;
  samples: number;
  /** Points of surfaces per person, over all its views, of which colours alone are learned: from one look at the field each, where a ray takes `samples`. */
  points: number;
}

/** Views 0 and 1 of a person are frontal portraits: what the encoder sees, as at inference. */
export const FRONTAL_VIEWS = 2;
/** Share of people whom the encoder sees as they would have been drawn. */
const DRAWN = 0.5;
/** What people of the dataset stay inside, per axis: arms and chest sideways, from the picture's lower edge to hats. */
const BOUNDS = [
  [-0.5, 0.5],
  [-0.6, 0.46],
  [-0.5, 0.5],
] as const;
const MIN_SPAN = 0.05;
/**
 * Empty pixels are drawn this much less often than covered ones, but for those within some pixels of an outline: were one side of it
 * drawn more often than the other, people would grow out of their outlines.
 */
const EMPTY = { share: 0.35, outline: 8 };
/**
 * Half of the samples of a ray that meets a surface, or passes by one, lie this near to it: finer than what a whole ray's could tell. Haze
 * around people that few samples meet would cost nothing.
 */
const NEAR_SURFACE = 0.1;
/** Share of the rays that go to the head, and where it is in a picture: shares of its side. Heads are small, and what portraits are about. */
const HEAD = { share: 0.6, top: 0.04, bottom: 0.72, left: 0.22, right: 0.78 };

/**
 * One step's supervision: a frontal picture per person for the encoder, and rays of that and other
 * views with their true colour. Every second person is mirrored, which doubles the faces seen.
 *
 * @param people indices that may be drawn.
 * @param drawings what the encoder sees of half of them, in place of the rendered picture.
 * @returns image [N, 4, S, S]; camera [N, 2] (azimuth, elevation, radians); origins and directions [N, R, 3];
 *   target [N, R, 4] (premultiplied colour, alpha); surface [N, R, 1]: distance of what the ray meets, 0 where that is
 *   nothing, or less than half of the light; depths [N, R, K]: stratified over the part of the ray inside the body's bounds,
 *   every second one over what is near to the surface, which may be that of a pixel close by; points [N, P, 3] of surfaces and their
 *   straight colours [N, P, 3].
 */
export function drawRays(
  data: Dataset,
  people: readonly number[],
  sizes: RayBatchSizes,
  random: Random,
  drawings?: Drawings,
): Record<string, HostTensor> {
  const { identities: n, rays, samples, points } = sizes;
  const side = data.size;
  const image = new Float32Array(n * 4 * side * side);
  const camera = new Float32Array(n * 2);
  const origins = new Float32Array(n * rays * 3);
  const directions = new Float32Array(n * rays * 3);
  const target = new Float32Array(n * rays * 4);
  const surface = new Float32Array(n * rays);
  const near = new Float32Array(n * rays);
  const onSurfaces = {
    positions: new Float32Array(n * points * 3),
    colours: new Float32Array(n * points * 3),
  };
  const pixels = new Uint8Array(side * side * 4);
  const steps = new Uint8Array(side * side);
  for (let i = 0; i < n; i++) {
    const person = people[random.int(people.length)]!;
    const mirrored = random.uniform() < 0.5;
    const seen = random.int(FRONTAL_VIEWS);
    if (drawings && random.uniform() < DRAWN) {
      drawings.writePlanes(person, seen, mirrored, image, i * 4 * side * side);
    } else {
      data.image(person, seen, pixels);
      if (mirrored) mirror(pixels, side);
      writePlanes(pixels, image, i * 4 * side * side);
    }
    const view = data.identities[person]!.views[seen]!;
    camera[2 * i] = mirrored ? -view.azimuth : view.azimuth;
    camera[2 * i + 1] = view.elevation;
    const [perView, pointsPerView] = [rays / sizes.views, points / sizes.views];
    const others = Array.from({ length: data.views }, (_, v) => v).filter((v) => v !== seen);
    const order = [seen, ...random.shuffle(others)];
    for (let v = 0; v < sizes.views; v++) {
      const label = data.identities[person]!.views[order[v]!]!.camera;
      data.image(person, order[v]!, pixels);
      data.depths(person, order[v]!, steps);
      for (let r = 0; r < perView; r++) {
        const at = i * rays + v * perView + r;
        const pixel = drawPixel(pixels, side, random);
        const [column, row] = [pixel % side, Math.floor(pixel / side)];
        const length = writeRay(label, column, row, side, mirrored, origins, directions, at);
        const alpha = pixels[4 * pixel + 3]! / 255;
        for (let c = 0; c < 3; c++) target[4 * at + c] = (pixels[4 * pixel + c]! / 255) * alpha;
        target[4 * at + 3] = alpha;
        const nearest = nearestCovered(pixels, side, pixel);
        const step = nearest === undefined ? 0 : steps[nearest]!;
        if (step > 0) near[at] = length * depthOfStep(step);
        if (nearest === pixel && alpha > 0.5) surface[at] = near[at]!;
      }
      const seenFrom = { label, pixels, steps, mirrored };
      drawSurfacePoints(seenFrom, pointsPerView, random, onSurfaces, i * points + v * pointsPerView);
    }
  }
  return {
    image: hostTensor(image, [n, 4, side, side]),
    camera: hostTensor(camera, [n, 2]),
    origins: hostTensor(origins, [n, rays, 3]),
    directions: hostTensor(directions, [n, rays, 3]),
    target: hostTensor(target, [n, rays, 4]),
    surface: hostTensor(surface, [n, rays, 1]),
    depths: hostTensor(drawDepths(origins, directions, samples, random, near), [n, rays, samples]),
    points: hostTensor(onSurfaces.positions, [n, points, 3]),
    colours: hostTensor(onSurfaces.colours, [n, points, 3]),
  };
}

/** A rendered view of a dataset: its camera's label, RGBA pixels and steps of depths, and whether all is to be mirrored at x = 0. */
interface RenderedView {
  readonly label: readonly number[];
  readonly pixels: Uint8Array;
  readonly steps: Uint8Array;
  readonly mirrored: boolean;
}

/** Points of surfaces and their straight colours, three numbers each. */
interface SurfacePoints {
  readonly positions: Float32Array;
  readonly colours: Float32Array;
}

/** Draws points of what a view shows, of pixels that show nothing but somebody, and writes them one after the other from `first` on. */
export function drawSurfacePoints(
  view: RenderedView,
  count: number,
  random: Random,
  into: SurfacePoints,
  first: number,
): void {
  const { pixels, steps } = view;
  const side = Math.sqrt(steps.length);
  for (let done = 0; done < count;) {
    const pixel = drawPixel(pixels, side, random);
    if (pixels[4 * pixel + 3] === 255 && steps[pixel]! > 0)
      writeSurfacePoint(view, pixel, into, first + done++);
  }
}

/** Writes where in the world lies what an opaque pixel shows, and its colour. */
export function writeSurfacePoint(
  { label, pixels, steps, mirrored }: RenderedView,
  pixel: number,
  into: SurfacePoints,
  at: number,
): void {
  const side = Math.sqrt(steps.length);
  const [origin, direction] = [new Float32Array(3), new Float32Array(3)];
  const length = writeRay(
    label,
    pixel % side,
    Math.floor(pixel / side),
    side,
    mirrored,
    origin,
    direction,
    0,
  );
  const distance = length * depthOfStep(steps[pixel]!);
  for (let k = 0; k < 3; k++) {
    into.positions[3 * at + k] = origin[k]! + distance * direction[k]!;
    into.colours[3 * at + k] = pixels[4 * pixel + k]! / 255;
  }
}

/**
 * Stratified distances within the bounds, ascending, jittered when `random` is given; a ray that misses them is sampled around
 * its closest point. Half of them are drawn around where the ray is `near` a surface, if that is not 0.
 */
function drawDepths(
  origins: Float32Array,
  directions: Float32Array,
  samples: number,
  random?: Random,
  near?: Float32Array,
): Float32Array {
  const rays = origins.length / 3;
  const depths = new Float32Array(rays * samples);
  for (let ray = 0; ray < rays; ray++) {
    let [from, to] = [0, Infinity];
    let closest = 0;
    for (let axis = 0; axis < 3; axis++) {
      const [o, d] = [origins[3 * ray + axis]!, directions[3 * ray + axis]!];
      closest -= o * d;
      const [low, high] = BOUNDS[axis]!;
      const [a, b] = [(low - o) / d, (high - o) / d];
      from = Math.max(from, Math.min(a, b));
      to = Math.min(to, Math.max(a, b));
    }
    if (!(to > from + MIN_SPAN)) [from, to] = [closest - MIN_SPAN, closest + MIN_SPAN];
    const of = depths.subarray(ray * samples, (ray + 1) * samples);
    const stratify = (into: Float32Array, first: number, last: number): void => {
      const step = (last - first) / into.length;
      for (let k = 0; k < into.length; k++) into[k] = first + (k + (random?.uniform() ?? 0.5)) * step;
    };
    const met = near?.[ray] ?? 0;
    const everywhere = met > 0 ? samples / 2 : samples;
    stratify(of.subarray(0, everywhere), from, to);
    stratify(of.subarray(everywhere), met - NEAR_SURFACE, met + NEAR_SURFACE);
    of.sort();
  }
  return depths;
}

/** A pixel to learn from, by its index in an RGBA picture. */
export function drawPixel(pixels: Uint8Array, side: number, random: Random): number {
  const inHead = random.uniform() < HEAD.share;
  const between = (low: number, high: number): number =>
    Math.floor((low + (high - low) * random.uniform()) * side);
  for (;;) {
    const pixel = inHead
      ? between(HEAD.top, HEAD.bottom) * side + between(HEAD.left, HEAD.right)
      : random.int(side * side);
    if (random.uniform() < EMPTY.share || nearestCovered(pixels, side, pixel) !== undefined) return pixel;
  }
}

/** The covered one among a pixel and those around it within the outline's width that is nearest, of eight directions; nothing where there is none. */
function nearestCovered(pixels: Uint8Array, side: number, pixel: number): number | undefined {
  const [column, row] = [pixel % side, Math.floor(pixel / side)];
  for (let reach = 0; reach <= EMPTY.outline; reach += 2) {
    for (let y = row - reach; y <= row + reach; y += reach || 1) {
      for (let x = column - reach; x <= column + reach; x += reach || 1) {
        const inside = x >= 0 && y >= 0 && x < side && y < side;
        if (inside && pixels[4 * (y * side + x) + 3]! > 127) return y * side + x;
      }
    }
  }
  return undefined;
}

/** All rays of one view at `side`² pixels, depths in the middle of their strata: shapes [1, side², …]. */
export function raysOfView(
  label: readonly number[],
  side: number,
  samples: number,
): Record<'origins' | 'directions' | 'depths', HostTensor> {
  const rays = side * side;
  const origins = new Float32Array(rays * 3);
  const directions = new Float32Array(rays * 3);
  for (let at = 0; at < rays; at++) {
    writeRay(label, at % side, Math.floor(at / side), side, false, origins, directions, at);
  }
  return {
    origins: hostTensor(origins, [1, rays, 3]),
    directions: hostTensor(directions, [1, rays, 3]),
    depths: hostTensor(drawDepths(origins, directions, samples), [1, rays, samples]),
  };
}

/**
 * The ray through a pixel's centre; a mirrored person is seen by the camera mirrored at x = 0.
 * Returns how far along it a unit of distance along the camera's axis lies.
 */
function writeRay(
  label: readonly number[],
  column: number,
  row: number,
  side: number,
  mirrored: boolean,
  origins: Float32Array,
  directions: Float32Array,
  at: number,
): number {
  const x = ((column + 0.5) / side - label[18]!) / label[16]!;
  const y = ((row + 0.5) / side - label[21]!) / label[20]!;
  const length = Math.hypot(x, y, 1);
  for (let axis = 0; axis < 3; axis++) {
    const sign = mirrored && axis === 0 ? -1 : 1;
    const rotation = label[4 * axis]! * x + label[4 * axis + 1]! * y + label[4 * axis + 2]!;
    directions[3 * at + axis] = (sign * rotation) / length;
    origins[3 * at + axis] = sign * label[4 * axis + 3]!;
  }
  return length;
}
