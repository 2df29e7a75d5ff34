import { GraphError, hostTensor, typedArray, listOf } from '../tensor.ts';
import { constant, normaliseAxis, type Value } from '../value.ts';
import { alongAxis, axisMap } from './along-axis.ts';
import { conv } from './convolution.ts';
import { add, mul, sub } from './elementwise.ts';
import { pad } from './pad.ts';
import { concat, reshape, slice, transpose } from './shape.ts';

export interface FourierOptions {
  /** How many elements are transformed: the axis is cut, or continued by zeros. */
  readonly length?: number;
  readonly inverse?: boolean;
  /** Only the frequencies up to half the sampling rate. */
  readonly oneSided?: boolean;
}

/** The n-th of `length` angles times k. Reduced before it is scaled, so that large products lose no digits. */
const angle = (k: number, n: number, length: number): number => (2 * Math.PI * ((k * n) % length)) / length;

/** The axis cut to a length, or continued by zeros. */
function ofLength(x: Value, axis: number, length: number): Value {
  const n = x.shape[axis];
  if (n >= length) return slice(x, axis, 0, length);
  const none = x.shape.map(() => 0);
  return pad(x, none, none.with(axis, length - n));
}

/**
 * Discrete Fourier transform of an axis, as products with matrices: x […, 1] (real) or […, 2] (real and imaginary parts) → […, 2].
 * The inverse is divided by the length.
 */
export function dft(x: Value, axis: number, options: FourierOptions = {}): Value {
  const last = x.shape.length - 1;
  const a = normaliseAxis(axis, x.shape.length, 'dft');
  const { length = x.shape[a], inverse = false, oneSided = false } = options;
  const parts = x.shape[last];
  if (a === last || (parts !== 1 && parts !== 2)) {
    throw new GraphError(
      `dft: axis ${axis} of [${x.shape.join(', ')}], whose last axis should hold one or two parts`,
    );
  }
  const signal = ofLength(x, a, length);
  const bins = oneSided ? Math.floor(length / 2) + 1 : length;
  const [sign, scale] = inverse ? [1, 1 / length] : [-1, 1];
  const map = (f: (angle: number) => number) =>
    axisMap(length, bins, (k) => listOf(length, (n) => [n, scale * f(sign * angle(k, n, length))] as const));
  const [cosines, sines] = [map(Math.cos), map(Math.sin)];
  const real = slice(signal, last, 0, 1);
  const [c, s] = [alongAxis(real, a, cosines), alongAxis(real, a, sines)];
  if (parts === 1) return concat([c, s], last);
  const imaginary = slice(signal, last, 1, 2);
  return concat([sub(c, alongAxis(imaginary, a, sines)), add(s, alongAxis(imaginary, a, cosines))], last);
}

/**
 * Short-time Fourier transform of real signals [N, L]: frames of `length` samples every `step`, times a window [length] →
 * [N, frames, bins, 2]. One convolution with windowed waves.
 */
export function stft(
  x: Value,
  {
    step,
    length,
    window,
    oneSided = true,
  }: { step: number; length: number; window?: Value; oneSided?: boolean },
): Value {
  const [n, samples] = x.shape;
  if (x.shape.length !== 2 || samples < length) {
    throw new GraphError(`stft: frames of ${length} samples of [${x.shape.join(', ')}]`);
  }
  const bins = oneSided ? Math.floor(length / 2) + 1 : length;
  const waves = [Math.cos, Math.sin].flatMap((f) =>
    listOf(bins * length, (i) => f(-angle(Math.floor(i / length), i % length, length))),
  );
  const basis = constant(hostTensor(typedArray(waves, x.dtype), [2 * bins, 1, length], x.dtype));
  const kernels = window ? mul(basis, window) : basis;
  const spectra = conv(reshape(x, [n, 1, samples]), kernels, { stride: step });
  return transpose(reshape(spectra, [n, 2, bins, spectra.shape[2]]), [0, 3, 2, 1]);
}
