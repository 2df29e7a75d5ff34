import { GraphError } from '../tensor.ts';
import { axisMap, type AxisMap } from './along-axis.ts';

export type Coordinates =
  | 'half_pixel'
  | 'half_pixel_symmetric'
  | 'pytorch_half_pixel'
  | 'align_corners'
  | 'asymmetric'
  | 'tf_half_pixel_for_nn'
  | 'tf_crop_and_resize';
export type NearestRounding = 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';

/** How one axis is resampled: ONNX's Resize. */
export interface AxisResizing {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: Coordinates;
  /** The ratio of the lengths; given apart because ONNX lets it differ from theirs. */
  readonly scale: number;
  readonly rounding?: NearestRounding;
  /** The cubic kernel's coefficient a. */
  readonly cubicCoefficient?: number;
  /** Leave out what lies outside, and let the rest weigh as much together. */
  readonly excludeOutside?: boolean;
  /** Widen the kernel when shrinking. */
  readonly antialias?: boolean;
  /** tf_crop_and_resize: the part of the axis that is seen, in units of its length. */
  readonly roi?: readonly [start: number, end: number];
}

/** Where an element of the result lies in the axis, in single precision as the runtime computes it: ties of `nearest` depend on it. */
export function placeOf(i: number, from: number, to: number, how: AxisResizing): number {
  const f = Math.fround;
  const scale = f(how.scale);
  switch (how.coordinates) {
    case 'align_corners':
      return to === 1 ? 0 : f(f(i * (from - 1)) / (to - 1));
    case 'asymmetric':
      return f(i / scale);
    case 'pytorch_half_pixel':
      return to > 1 ? f(f((i + 0.5) / scale) - 0.5) : 0;
    case 'tf_half_pixel_for_nn':
      return f((i + 0.5) / scale);
    case 'half_pixel_symmetric': {
      const offset = f((from / 2) * (1 - f(to / f(scale * from))));
      return f(offset + f(f((i + 0.5) / scale) - 0.5));
    }
    case 'tf_crop_and_resize': {
      const [start, end] = how.roi ?? [0, 1];
      if (to === 1) return 0.5 * (start + end) * (from - 1);
      return start * (from - 1) + (i * (end - start) * (from - 1)) / (to - 1);
    }
    default:
      return f(f((i + 0.5) / scale) - 0.5);
  }
}

function rounded(x: number, rounding: NearestRounding): number {
  if (rounding === 'floor') return Math.floor(x);
  if (rounding === 'ceil') return Math.ceil(x);
  return rounding === 'round_prefer_ceil' ? Math.floor(x + 0.5) : Math.ceil(x - 0.5);
}

const triangle = (d: number): number => Math.max(0, 1 - Math.abs(d));

/** Keys' cubic kernel. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** How far a kernel that is widened for shrinking may reach. */
const MOST_SUPPORT = 1 << 20;

const clampTo = (i: number, n: number): number => Math.min(n - 1, Math.max(0, i));

/**
 * The map that resamples an axis of `from` elements to `to`. Elements of the result whose place lies outside are zero
 * where tf_crop_and_resize fills them.
 */
export function resizeMap(from: number, to: number, how: AxisResizing): AxisMap {
  const { mode, cubicCoefficient = -0.75, excludeOutside = false, rounding = 'round_prefer_floor' } = how;
  return axisMap(from, to, (i) => {
    const x = placeOf(i, from, to, how);
    if (isOutside(i, from, to, how)) return [];
    if (mode === 'nearest') return [[clampTo(rounded(x, rounding), from), 1]];
    const kernel = mode === 'linear' ? triangle : (d: number) => cubic(d, cubicCoefficient);
    const stretch = how.antialias ? Math.max(1, 1 / how.scale) : 1;
    const support = (mode === 'linear' ? 1 : 2) * stretch;
    const at = mode === 'linear' && stretch === 1 ? Math.min(from - 1, Math.max(0, x)) : x;
    const places: number[] = [];
    if (support > MOST_SUPPORT) throw new GraphError(`resize: the scale ${how.scale} is too small`);
    for (let p = Math.floor(at - support) + 1; p <= Math.floor(at + support); p++) places.push(p);
    const kept = excludeOutside ? places.filter((p) => p >= 0 && p < from) : places;
    const weights = kept.map((p) => kernel((p - at) / stretch));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return kept.map((p, k) => [clampTo(p, from), weights[k] / total] as const);
  });
}

/** Whether an element of the result lies where tf_crop_and_resize has nothing to show. */
export function isOutside(i: number, from: number, to: number, how: AxisResizing): boolean {
  if (how.coordinates !== 'tf_crop_and_resize') return false;
  const x = placeOf(i, from, to, how);
  return x < 0 || x > from - 1;
}
