import { operand, type Importing, type Importers } from '../importing.ts';
import { affineGrid, gridSample } from '../../ops/grid-sample.ts';
import { resize, type Resizing } from '../../ops/resample.ts';
import { float32 } from '../../tensor.ts';
import { normaliseAxis, type Value } from '../../value.ts';

function oneOf<T extends string>(node: Importing, name: string, value: string, known: readonly T[]): T {
  return known.find((k) => k === value) ?? node.refuse(`its ${name} '${value}' is not known`);
}

const MODES = ['nearest', 'linear', 'cubic'] as const;
const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_half_pixel_for_nn',
  'tf_crop_and_resize',
] as const;
const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;

/** The numbers of a constant input; empty ones count as left out. */
function numbers(node: Importing, i: number): number[] | undefined {
  const data = node.known(i);
  if (!data && node.inputs[i]) node.refuse(`its input ${i} must be constant`);
  return data && data.data.length > 0 ? [...float32(data)] : undefined;
}

/** The ratio of sizes that keep the image's proportions. */
function keptRatio(x: Value, axes: readonly number[], sizes: readonly number[], policy: string): number {
  const ratios = axes.map((a, i) => sizes[i] / x.shape[a]);
  return policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
}

function resizeNode(node: Importing): Value {
  const { x } = node;
  const axes = (node.ints('axes') ?? [...x.shape.keys()]).map((a) =>
    normaliseAxis(a, x.shape.length, 'Resize'),
  );
  let scales = numbers(node, 2);
  const policy = node.string('keep_aspect_ratio_policy', 'stretch');
  const given = numbers(node, 3);
  if (!scales && !given) node.refuse('it has neither scales nor sizes');
  let sizes = given;
  if (given && policy !== 'stretch') {
    const ratio = keptRatio(x, axes, given, policy);
    scales = axes.map(() => ratio);
    sizes = axes.map((a) => Math.floor(ratio * x.shape[a] + 0.5));
  }
  const all = <T>(otherwise: T, list: readonly T[] | undefined): T[] =>
    x.shape.map((_, axis) => (list && axes.includes(axis) ? list[axes.indexOf(axis)] : otherwise));
  const allScales = scales && all(1, scales);
  const allSizes = all<number | undefined>(undefined, sizes);
  const size = x.shape.map((d, i) => allSizes[i] ?? Math.floor(d * (allScales?.[i] ?? 1)));
  const roi = numbers(node, 1);
  const how: Resizing = {
    mode: oneOf(node, 'mode', node.string('mode', 'nearest'), MODES),
    coordinates: oneOf(
      node,
      'coordinate_transformation_mode',
      node.string('coordinate_transformation_mode', 'half_pixel'),
      COORDINATES,
    ),
    rounding: oneOf(node, 'nearest_mode', node.string('nearest_mode', 'round_prefer_floor'), ROUNDINGS),
    cubicCoefficient: node.float('cubic_coeff_a', -0.75),
    excludeOutside: node.int('exclude_outside', 0) === 1,
    antialias: node.int('antialias', 0) === 1,
    extrapolation: node.float('extrapolation_value', 0),
    ...(allScales ? { scales: allScales } : {}),
    ...(roi ? { roi: [...all(0, roi.slice(0, axes.length)), ...all(1, roi.slice(axes.length))] } : {}),
  };
  return resize(x, size, how);
}

const SAMPLING = { bilinear: 'linear', nearest: 'nearest', bicubic: 'cubic' } as const;

/** Resampling. */
export const resizing: Importers = {
  Resize: resizeNode,
  GridSample: (node) => {
    const name = oneOf(node, 'mode', node.string('mode', 'bilinear'), ['bilinear', 'nearest', 'bicubic']);
    const padding = oneOf(node, 'padding_mode', node.string('padding_mode', 'zeros'), [
      'zeros',
      'border',
      'reflection',
    ]);
    const alignCorners = node.int('align_corners', 0) === 1;
    return gridSample(node.x, operand(node, 1), { mode: SAMPLING[name], padding, alignCorners });
  },
  AffineGrid: (node) => {
    const size = node.list(1) ?? node.refuse('it lacks its size');
    return affineGrid(node.x, size, { alignCorners: node.int('align_corners', 0) === 1 });
  },
};
