import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import { valued, x, type OperatorCase } from './case.ts';

const list = (...v: number[]): HostTensor => hostTensor(v, [v.length]);
const sizes = (...v: number[]): HostTensor => hostTensor(v, [v.length], 'int64');
const float = (v: number): { float: number } => ({ float: v });

const resizing = (
  form: string,
  inputs: OperatorCase['inputs'],
  attributes: OperatorCase['attributes'],
  opset = 18,
): OperatorCase => ({ op: 'Resize', form, inputs, attributes, opset });

const COORDINATES = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];
const up = [x(1, 2, 3, 4), null, list(1, 1, 2, 1.5)];
const down = [x(1, 2, 5, 6), null, null, sizes(1, 2, 3, 4)];

/** Places that are nowhere near a kink of these sizes: the middle between pixels and their centres. */
const GRID = [
  -1.375, -0.429, 0.429, 1.375, -0.571, 0.375, 1.286, -0.625, 0.286, 1.125, -0.714, 0.125, 0.875, -0.875,
  -0.125, 0.714, -1.125, -0.286, 0.625, -1.286, -0.375, 0.571,
];
const gridValue = (i: number): number => GRID[(i * 5) % GRID.length];
const grid = (...shape: number[]): OperatorCase['inputs'][number] => valued(shape, gridValue);
/** The nearest pixel does not change with the grid. */
const gridFor = (mode: string, ...shape: number[]): OperatorCase['inputs'][number] => {
  if (mode !== 'nearest') return grid(...shape);
  const values = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => gridValue(i));
  return hostTensor(values, shape);
};
const sampling = (form: string, attributes: OperatorCase['attributes'], opset = 18): OperatorCase => ({
  op: 'GridSample',
  form,
  inputs: [x(2, 2, 5, 6), gridFor(form.slice(0, form.indexOf(',')), 2, 2, 3, 2)],
  attributes,
  opset,
  second: form.startsWith('bilinear') || form.startsWith('bicubic'),
});

/** Resampling of images, and at the places of a grid. */
export const resamplingCases: OperatorCase[] = [
  ...['linear', 'cubic'].flatMap((mode) =>
    COORDINATES.flatMap((coordinates) => {
      const attributes = { mode, coordinate_transformation_mode: coordinates };
      return [
        resizing(`${mode}, ${coordinates}, up`, up, attributes),
        resizing(`${mode}, ${coordinates}, down`, down, attributes),
      ];
    }),
  ),
  ...COORDINATES.flatMap((coordinates) =>
    ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].flatMap((nearest_mode) => {
      const attributes = { mode: 'nearest', coordinate_transformation_mode: coordinates, nearest_mode };
      return [
        resizing(`nearest, ${coordinates}, ${nearest_mode}, up`, up, attributes),
        resizing(`nearest, ${coordinates}, ${nearest_mode}, down`, down, attributes),
      ];
    }),
  ),
  resizing('nearest, whole factor', [x(1, 2, 3, 4), null, list(1, 1, 2, 2)], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  }),
  resizing(
    'linear, half_pixel_symmetric',
    [x(1, 2, 3, 4), null, list(1, 1, 2.3, 1.4)],
    { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
    19,
  ),
  resizing(
    'linear, tf_crop_and_resize',
    [x(1, 1, 4, 5), list(0, 0, 0.2, -0.2, 1, 1, 0.7, 1.1), null, sizes(1, 1, 3, 6)],
    { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: float(0.3) },
  ),
  resizing(
    'nearest, tf_half_pixel_for_nn',
    [x(1, 1, 4, 5), list(), list(), sizes(1, 1, 3, 6)],
    { mode: 'nearest', coordinate_transformation_mode: 'tf_half_pixel_for_nn' },
    11,
  ),
  resizing('cubic, cubic_coeff_a', up, { mode: 'cubic', cubic_coeff_a: float(-0.5) }),
  resizing('cubic, exclude_outside', up, { mode: 'cubic', exclude_outside: 1 }),
  resizing('linear, antialias', down, { mode: 'linear', antialias: 1 }),
  resizing('cubic, antialias', down, { mode: 'cubic', antialias: 1 }),
  resizing('cubic, antialias, exclude_outside', down, { mode: 'cubic', antialias: 1, exclude_outside: 1 }),
  resizing('linear, 3-D', [x(1, 2, 3, 2, 3), null, list(1, 1, 2, 2, 1.5)], { mode: 'linear' }),
  resizing('linear, 1-D', [x(1, 2, 5), null, list(1, 1, 1.6)], { mode: 'linear' }),
  resizing('nearest, 1-D', [x(1, 2, 5), null, list(1, 1, 2)], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  }),
  resizing('axes, not_larger', [x(1, 2, 4, 6), null, null, sizes(6, 7)], {
    mode: 'linear',
    axes: [2, 3],
    keep_aspect_ratio_policy: 'not_larger',
  }),
  resizing('axes, not_smaller', [x(1, 2, 4, 6), null, null, sizes(6, 7)], {
    mode: 'linear',
    axes: [2, 3],
    keep_aspect_ratio_policy: 'not_smaller',
  }),
  {
    op: 'Upsample',
    form: 'linear, opset 9',
    inputs: [x(1, 2, 3, 4), list(1, 1, 2, 2)],
    attributes: { mode: 'linear' },
    opset: 9,
  },
  resizing('linear, a long axis', [x(1, 1, 1500), null, list(1, 1, 1.5)], { mode: 'linear' }),
  resizing('nearest, a long axis', [x(1, 2, 1500), null, list(1, 1, 2)], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  }),
  ...['bilinear', 'nearest', 'bicubic'].flatMap((mode) =>
    ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
      [0, 1].map((align_corners) =>
        sampling(`${mode}, ${padding_mode}, align_corners ${align_corners}`, {
          mode,
          padding_mode,
          align_corners,
        }),
      ),
    ),
  ),
  ...['linear', 'nearest'].flatMap((mode) =>
    ['zeros', 'border', 'reflection'].flatMap((padding_mode) =>
      [0, 1].map((align_corners): OperatorCase => ({
        op: 'GridSample',
        form: `5-D, ${mode}, ${padding_mode}, align_corners ${align_corners}`,
        inputs: [x(1, 2, 3, 4, 5), gridFor(mode, 1, 2, 1, 3, 3)],
        attributes: { mode, padding_mode, align_corners },
        opset: 20,
      })),
    ),
  ),
  ...[0, 1].map((align_corners): OperatorCase => ({
    op: 'AffineGrid',
    form: `align_corners ${align_corners}`,
    inputs: [x(2, 2, 3), sizes(2, 3, 4, 5)],
    attributes: { align_corners },
    opset: 20,
  })),
  { op: 'AffineGrid', form: '3-D', inputs: [x(1, 3, 4), sizes(1, 2, 2, 3, 2)], opset: 20 },
];
