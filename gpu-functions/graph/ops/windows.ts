import { GraphError } from '../tensor.ts';

/** How ONNX pads windows by itself: NOTSET takes the pads given, VALID none, SAME_* as many as make ⌈size / stride⌉ windows. */
export type AutoPad = 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';

export function autoPadOf(name: string): AutoPad {
  if (name === '') return 'NOTSET';
  if (name === 'NOTSET' || name === 'VALID' || name === 'SAME_UPPER' || name === 'SAME_LOWER') return name;
  throw new GraphError(`there is no automatic padding '${name}'`);
}

/** Elements that a window of `kernel` taps reaches over. */
export function reach(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** Divide a padding between both sides; the odd one goes after for SAME_UPPER, before for SAME_LOWER. */
export function sides(total: number, mode: AutoPad): [before: number, after: number] {
  const small = total >> 1;
  return mode === 'SAME_LOWER' ? [total - small, small] : [small, total - small];
}

/** The pads (befores, then afters) of a convolution or pooling over axes of the given sizes. */
export function resolvePads(
  mode: AutoPad,
  given: readonly number[],
  sizes: readonly number[],
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): readonly number[] {
  if (mode === 'NOTSET') return given;
  if (mode === 'VALID') return given.map(() => 0);
  const both = sizes.map((d, i) => {
    const windows = Math.ceil(d / stride[i]);
    return sides(Math.max(0, (windows - 1) * stride[i] + reach(kernel[i], dilation[i]) - d), mode);
  });
  return [...both.map(([before]) => before), ...both.map(([, after]) => after)];
}
