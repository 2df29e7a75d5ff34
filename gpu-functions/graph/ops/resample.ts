import { hostTensor, sameShape, type Shape, listOf } from '../tensor.ts';
import { constant, ints, makeValue, type Attributes, type Value } from '../value.ts';
import { alongLast, isSelection, transposed, type AxisMap } from './along-axis.ts';
import { differentiated } from './differentiated.ts';
import { where } from './elementwise.ts';
import { sum } from './reduce.ts';
import {
  isOutside,
  resizeMap,
  type AxisResizing,
  type Coordinates,
  type NearestRounding,
} from './resize-maps.ts';
import { expand, reshape } from './shape.ts';

export type ResizeMode = 'nearest' | 'linear';

/** Resampling of all axes, in ONNX's terms. */
export interface Resizing {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates?: Coordinates;
  readonly rounding?: NearestRounding;
  readonly cubicCoefficient?: number;
  readonly excludeOutside?: boolean;
  readonly antialias?: boolean;
  /** Of each axis; the ratios of the lengths where left out. */
  readonly scales?: readonly number[];
  /** tf_crop_and_resize: starts of all axes, then ends, in units of their lengths; and what fills the outside. */
  readonly roi?: readonly number[];
  readonly extrapolation?: number;
}

/** Resize every axis of x to the length in `size`. Each is a linear map of its own. */
export function resize(x: Value, size: Shape, how: Resizing): Value {
  const axes = x.shape.map((from, i): AxisResizing => {
    const { roi: all, scales, coordinates = 'half_pixel', ...rest } = how;
    const roi = all && { roi: [all[i], all[x.shape.length + i]] as const };
    return { ...rest, ...roi, coordinates, scale: scales?.[i] ?? size[i] / from };
  });
  if (
    sameShape(x.shape, size) &&
    axes.every((a) => a.scale === 1 && a.coordinates !== 'tf_crop_and_resize')
  ) {
    return x;
  }
  const maps = axes.map((axis, i) => resizeMap(x.shape[i], size[i], axis));
  const factor = blockFactor(maps);
  if (factor !== undefined) return upsampleNearest2d(x, factor);
  const value = runtimeResizes(x, size, how) ? resizeNode(x, size, how) : alongLast(x, maps);
  const resized =
    value.node.op === 'Resize'
      ? differentiated(value, [x], (g) => [() => alongLast(g, maps.map(transposed))])
      : value;
  return how.coordinates === 'tf_crop_and_resize' ? filled(resized, x.shape, axes, how) : resized;
}

/** The number of times pixels of [N, C, H, W] are repeated both ways, where that is all that happens. */
function blockFactor(maps: readonly AxisMap[]): number | undefined {
  if (maps.length !== 4 || maps[0].to !== maps[0].from || maps[1].to !== maps[1].from) return undefined;
  const [rows, columns] = maps.slice(2);
  const f = rows.to / rows.from;
  const repeats = (map: AxisMap): boolean =>
    map.to === map.from * f && isSelection(map, (k) => Math.floor(k / f));
  return Number.isInteger(f) && repeats(rows) && repeats(columns) ? f : undefined;
}

/** What ONNX Runtime's Resize of opset 18 is known to do right on every provider: images, without its rarer attributes. */
function runtimeResizes(x: Value, size: Shape, how: Resizing): boolean {
  const { mode, coordinates = 'half_pixel', antialias, scales } = how;
  const image = x.shape.length === 4 && x.shape[0] === size[0] && x.shape[1] === size[1];
  const common = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'].includes(coordinates);
  const follows = !scales || x.shape.every((d, i) => Math.floor(d * scales[i]) === size[i]);
  return image && common && follows && mode !== 'nearest' && !antialias && x.dtype === 'float32';
}

function resizeNode(x: Value, size: Shape, how: Resizing): Value {
  const { scales } = how;
  const attributes: Attributes = {
    mode: how.mode,
    coordinate_transformation_mode: how.coordinates ?? 'half_pixel',
    cubic_coeff_a: { float: how.cubicCoefficient ?? -0.75 },
    exclude_outside: how.excludeOutside ? 1 : 0,
  };
  const extent = scales ? [x, null, constant(hostTensor(scales, [4]))] : [x, null, null, ints(size)];
  return makeValue('Resize', extent, attributes, size, x.dtype);
}

/** What tf_crop_and_resize shows of the outside. */
function filled(
  y: Value,
  from: Shape,
  axes: readonly AxisResizing[],
  { extrapolation = 0 }: Resizing,
): Value {
  const outside = axes.map((axis, i) => listOf(y.shape[i], (o) => isOutside(o, from[i], y.shape[i], axis)));
  return outside.reduce((shown, mask, i) => {
    if (!mask.includes(true)) return shown;
    const shape = y.shape.map((d, k) => (k === i ? d : 1));
    return where(constant(hostTensor(mask.map(Number), shape, 'bool')), extrapolation, shown);
  }, y);
}

/** Resize images [N, C, H, W] to [h, w]: half-pixel centres, edges clamped, no antialiasing. */
export function resize2d(x: Value, size: readonly [number, number], { mode }: { mode: ResizeMode }): Value {
  return resize(x, [x.shape[0], x.shape[1], ...size], { mode, rounding: 'round_prefer_ceil' });
}

/** Repeat every pixel of [N, C, H, W] f × f times. */
export function upsampleNearest2d(x: Value, f = 2): Value {
  const [n, c, h, w] = x.shape;
  if (x.dtype !== 'float32') {
    const blocks = reshape(x, [n, c, h, 1, w, 1]);
    return reshape(expand(blocks, [n, c, h, f, w, f]), [n, c, h * f, w * f]);
  }
  // Resize takes a fiftieth of the time that Expand over inner axes does.
  const scales = constant(hostTensor([1, 1, f, f], [4]));
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const resized = makeValue('Resize', [x, null, scales], attributes, [n, c, h * f, w * f], x.dtype);
  return differentiated(resized, [x], (g) => [() => sum(reshape(g, [n, c, h, f, w, f]), [3, 5])]);
}
