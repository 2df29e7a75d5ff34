import { float16Bits, float32, hostTensor, type HostTensor } from '../graph/index.ts';
import type { WeightMap } from './parameters.ts';

/** Name of the scales of an 8-bit weight. */
const scaleOf = (name: string): string => `${name}.scale`;

/** The largest magnitude that 8 bits hold on both sides of zero. */
const LARGEST = 127;

/** Weights with fewer elements stay float16: biases, and what is small beside them. */
const FEWEST = 4096;

/**
 * Large weights as 8-bit integers with one float16 scale for each of their first axis (per-channel symmetric quantisation, Krishnamoorthi
 * 2018, §3.1), named by {@link scaleOf}; the others as they are.
 */
export function quantised(weights: WeightMap): WeightMap {
  const out: WeightMap = new Map();
  for (const [name, tensor] of weights) {
    if (tensor.data.length < FEWEST) {
      out.set(name, tensor);
      continue;
    }
    const values = float32(tensor);
    const channels = tensor.shape[0];
    const length = values.length / channels;
    const bytes = new Int8Array(values.length);
    const scales = new Float32Array(channels);
    for (let channel = 0; channel < channels; channel++) {
      const part = values.subarray(channel * length, (channel + 1) * length);
      const most = part.reduce((found, x) => Math.max(found, Math.abs(x)), 0);
      scales[channel] = most / LARGEST;
      for (let i = 0; i < length; i++)
        bytes[channel * length + i] = Math.round((part[i] / (most || 1)) * LARGEST);
    }
    out.set(name, { dtype: 'int8', shape: tensor.shape, data: bytes });
    const shape = [channels, ...tensor.shape.slice(1).map(() => 1)];
    out.set(scaleOf(name), { dtype: 'float16', shape, data: Uint16Array.from(scales, float16Bits) });
  }
  return out;
}

/** All weights as float32, scales multiplied in. @throws Error when scales are missing */
export function dequantised(weights: WeightMap): WeightMap {
  const scales = new Set(
    [...weights].flatMap(([name, { dtype }]) => (dtype === 'int8' ? scaleOf(name) : [])),
  );
  const out: WeightMap = new Map();
  for (const [name, tensor] of weights) {
    if (scales.has(name)) continue;
    const whole = tensor.dtype === 'int8' ? dequantise(name, tensor, weights) : float32(tensor);
    out.set(name, hostTensor(whole, tensor.shape));
  }
  return out;
}

function dequantise(name: string, { data }: HostTensor, weights: WeightMap): Float32Array {
  const scale = weights.get(scaleOf(name));
  if (!scale) throw new Error(`The 8-bit weight '${name}' has no scales '${scaleOf(name)}'.`);
  const bytes = data as Int8Array;
  const whole = new Float32Array(bytes.length);
  const scales = float32(scale);
  const length = bytes.length / scales.length;
  // Written without a closure per element: a network has millions.
  for (let channel = 0, i = 0; channel < scales.length; channel++) {
    const one = scales[channel];
    for (const end = i + length; i < end; i++) whole[i] = bytes[i] * one;
  }
  return whole;
}
