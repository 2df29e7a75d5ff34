import {
  add,
  cast,
  concat,
  constant,
  conv2d,
  flip,
  hostTensor,
  mul,
  reshape,
  slice,
  stopGradient,
  sum,
  transpose,
  unsqueeze,
  type Value,
} from '../../gpu-functions/graph/index.ts';
import { joinPlanes, type Planes } from '../../gpu-functions/portrait/aware3d.ts';
import { fovIntrinsics, lookAtPose } from '../../gpu-functions/portrait/cameras.ts';
import { PORTRAIT3D } from '../../gpu-functions/portrait/config.ts';
import {
  downConvolution,
  downPointwise,
  upConvolution,
  upPointwise,
} from '../../gpu-functions/portrait/conv-resample.ts';
import { importanceDepths } from '../../gpu-functions/portrait/importance.ts';
import { minibatchStddev } from '../../gpu-functions/portrait/minibatch-stddev.ts';
import {
  composite,
  expectedDepth,
  intervalWeights,
  sampleShares,
} from '../../gpu-functions/portrait/ray-marcher.ts';
import * as resample from '../../gpu-functions/portrait/resample.ts';
import {
  biasActivation,
  modulatedConvolution,
  modulatedPointwise,
} from '../../gpu-functions/portrait/styled-layers.ts';
import { projectToPlanes } from '../../gpu-functions/portrait/plane-sampling.ts';
import { samplePlanes } from '../../gpu-functions/portrait/trigrid.ts';
import { croppedAway } from '../../gpu-functions/portrait/volume.ts';
import { skipMatching } from './report.ts';
import type { Check, Kind, Skip, Vectors } from './vectors.ts';

const BOX = PORTRAIT3D.rendering.boxWarp;

/** The world point that recorded cameras look at, and the angles they were recorded at. */
const TARGET = PORTRAIT3D.camera.lookAt;
const CAMERAS = { cam_front: [Math.PI / 2, Math.PI / 2], cam_a: [0.3, 1.2], cam_b: [4, 2] } as const;

const numbers = (data: readonly number[]): ReturnType<typeof hostTensor> =>
  hostTensor([...data], [data.length]);

/** Every primitive of the generator: filters, convolutions, modulation, planes, sampling, rendering, resizing, cameras. */
export function opChecks(v: Vectors): { checks: Check[]; skips: Skip[] } {
  const checks: Check[] = [];
  const check = (name: string, found: Check['found'], kind: Kind = 'op'): void =>
    void checks.push({ name, kind, found });
  filters(v, check);
  convolutions(v, check);
  planes(v, check);
  rendering(v, check);
  resizing(v, check);
  for (const [name, [h, vertical]] of Object.entries(CAMERAS)) {
    check(name, numbers(lookAtPose(h, vertical, TARGET, PORTRAIT3D.camera.radius)));
  }
  check('fov_intrinsics_12.447863', numbers(fovIntrinsics(12.447863)));
  return {
    checks,
    skips: [
      { name: 'area_256_from_64to16', reason: 'its input is not recorded' },
      ...skipMatching(v, /^D[._]/, 'the discriminator is not built yet'),
    ],
  };
}

type Add = (name: string, found: Check['found'], kind?: Kind) => void;

function filters(v: Vectors, check: Add): void {
  const x = v.input('fir_x');
  const size = x.shape[3];
  check('filter_1331', numbers(resample.FIR_TAPS.flatMap((a) => resample.FIR_TAPS.map((b) => (a * b) / 64))));
  check('fir_upsample2d', resample.resample2d(x, resample.firUpsample(size)));
  check('fir_downsample2d', resample.resample2d(x, resample.firDownsample(size)));
  check('fir_filter2d', resample.resample2d(x, resample.firFilter(size, resample.FIR_TAPS.map((tap) => tap / 8)))); // prettier-ignore
  const taps = resample.blurTaps(1.7);
  check('blur_kernel_sigma1.7', numbers(taps));
  check('blur_out', resample.resample2d(x, resample.firFilter(size, taps)));
}

function convolutions(v: Vectors, check: Add): void {
  const x = v.input('fir_x');
  const [w3, w1, styles, bias] = ['conv_w3', 'conv_w1', 'mod_styles', 'ba_b'].map((name) => v.input(name));
  check('conv_plain', conv2d(x, w3, { padding: 1 }));
  check('conv_up2', upConvolution(x, w3));
  check('conv_up2_flip', upConvolution(x, flip(w3, [2, 3])));
  check('conv_down2', downConvolution(x, w3));
  check('conv1x1_down2', downPointwise(x, w1));
  check('conv1x1_up2', upPointwise(x, w1));
  for (const form of ['fused1', 'fused0']) {
    check(`modconv_${form}`, modulatedConvolution(x, w3, styles));
    check(`modconv_up2_${form}`, modulatedConvolution(x, w3, styles, { up: 2 }));
  }
  check('modconv_nodemod', modulatedPointwise(x, w1, styles));
  const channel = reshape(bias, [1, bias.shape[0], 1, 1]);
  check('ba_lrelu', biasActivation(x, channel, { activation: 'leakyRelu' }));
  check('ba_lrelu_clamp', biasActivation(x, channel, { activation: 'leakyRelu', bound: 0.5 }));
  check('ba_linear', biasActivation(x, channel, { activation: 'linear' }));
  check('mbstd_y', minibatchStddev(v.input('mbstd_x')));
}

function planes(v: Vectors, check: Add): void {
  const x = v.input('aware3d_x');
  const [rows, c, size] = x.shape;
  const n = rows / 3;
  const perSample = reshape(x, [n, 3, c, size, size]);
  const three = [0, 1, 2].map((q) => reshape(slice(perSample, 1, q, q + 1), [n, c, size, size]));
  const joined = joinPlanes(three as unknown as Planes).map((plane) => unsqueeze(plane, [1]));
  check('aware3d_y', concat(joined, 1));

  const axes = hostTensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 3, 3]);
  check('planes_axes', transpose(projected(constant(axes)), [0, 2, 1]));
  check('proj_y', projected(v.input('proj_x')));

  const points = v.input('sfp_x');
  const levels = ['sfp_p8', 'sfp_p16'].map((name) => v.input(name));
  const sampled = levels.map((level) => samplePlanes(level, points, 3, BOX)).reduce((a, b) => add(a, b));
  check('sfp_y', transpose(mul(sampled, 1 / levels.length), [0, 2, 1, 3]));
  check('crop_mask', cast(croppedAway(v.input('crop_x'), PORTRAIT3D.rendering), 'float32'));
}

/** Plane coordinates of points [1, M, 3]: [3 planes, M, 3 components]. */
function projected(points: Value): Value {
  const { columns, rows, slices } = projectToPlanes(points, 2);
  const [, m] = points.shape;
  const parts = [columns, rows, slices].map((x) => reshape(transpose(x, [0, 2, 1]), [3, m, 1]));
  return concat(parts, 2);
}

function rendering(v: Vectors, check: Add): void {
  const [, rays, k] = v.recorded('rm_depth').shape;
  const t = v.input('rm_depth', [rays, k]);
  const sigma = v.input('rm_den', [rays, k]);
  const colours = v.input('rm_col', [rays, k, v.recorded('rm_col').shape[3]]);
  const weights = intervalWeights(t, sigma, PORTRAIT3D.rendering.densityBias);
  check('rm_w', weights);
  check('rm_rgb', composite(sampleShares(weights), colours));
  check('rm_d', expectedDepth(t, weights, sum(weights, [1], true)));
  check('imp_fine', importanceDepths(t, stopGradient(weights), v.input('imp_u')));
}

function resizing(v: Vectors, check: Add): void {
  const x = v.input('resize_x');
  for (const size of [16, 64]) {
    check(`resize_aa_${size}`, resample.resample2d(x, resample.linearAntialiased(x.shape[3], size)));
    check(`resize_none_${size}`, resample.resample2d(x, resample.linearClamped(x.shape[3], size)));
  }
}
