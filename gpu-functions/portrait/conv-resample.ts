import {
  constant,
  conv2d,
  depthToSpace,
  hostTensor,
  matmul,
  reshape,
  transpose,
  type Value,
} from '../graph/index.ts';
import { FIR_TAPS, firBlur, firDownsample, firUpsample, resample2d } from './resample.ts';

/** Convolutions that change the resolution through the [1,3,3,1] filter (StyleGAN2 conv2d_resample). */

/** Taps of the 3-tap transposed convolution of stride 2 followed by the FIR, for kernel tap a, output phase p, input offset d−1. */
function phaseTap(a: number, phase: number, d: number): number {
  const f = 2 * (d - 1) - phase + 1 + a;
  return (FIR_TAPS[f] ?? 0) / 4;
}

/** [9, 36]: the linear map from a 3×3 kernel to its four sub-pixel 3×3 kernels. */
function subPixelMap(): Float32Array {
  const map = new Float32Array(9 * 36);
  for (let k = 0; k < 9; k++) {
    for (let column = 0; column < 36; column++) {
      const [phase, tap] = [Math.floor(column / 9), column % 9];
      const vertical = phaseTap(Math.floor(k / 3), phase >> 1, Math.floor(tap / 3));
      map[k * 36 + column] = vertical * phaseTap(k % 3, phase & 1, tap % 3);
    }
  }
  return map;
}

/**
 * Kernel of the up-2 convolution at the low resolution: transposed convolution of stride 2, then the [1,3,3,1] FIR, written as one
 * 3×3 convolution to four times the channels, to be followed by depthToSpace(2). [O, I, 3, 3] → [4·O, I, 3, 3].
 */
export function subPixelKernel(weight: Value): Value {
  const [outputs, inputs] = weight.shape;
  const phases = matmul(reshape(weight, [outputs * inputs, 9]), constant(hostTensor(subPixelMap(), [9, 36])));
  return reshape(transpose(reshape(phases, [outputs, inputs, 4, 9]), [0, 2, 1, 3]), [
    4 * outputs,
    inputs,
    3,
    3,
  ]);
}

/** 3×3 convolution that doubles the sides: x [N, I, H, W], weight [O, I, 3, 3] → [N, O, 2H, 2W]. */
export function upConvolution(x: Value, weight: Value): Value {
  return depthToSpace(conv2d(x, subPixelKernel(weight), { padding: 1 }), 2);
}

/** 1×1 convolution that doubles the sides. */
export function upPointwise(x: Value, weight: Value): Value {
  return resample2d(conv2d(x, weight), firUpsample(x.shape[2]));
}

/** 3×3 convolution that halves the sides: filter, then a convolution of stride 2. x [N, I, H, W] → [N, O, H/2, W/2]. */
export function downConvolution(x: Value, weight: Value): Value {
  return conv2d(resample2d(x, firBlur(x.shape[2])), weight, { stride: 2 });
}

/** 1×1 convolution that halves the sides. */
export function downPointwise(x: Value, weight: Value): Value {
  return conv2d(resample2d(x, firDownsample(x.shape[2])), weight);
}
