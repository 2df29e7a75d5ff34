import { operand, type Importer, type Importers } from '../importing.ts';
import { dft, stft } from '../../ops/fourier.ts';
import { reshape } from '../../ops/shape.ts';
import { hostTensor } from '../../tensor.ts';
import { constant } from '../../value.ts';

/** A window of cosines: Σ (−1)ᵏ·aₖ·cos(2πkn / N). */
const cosineWindow =
  (coefficients: readonly number[]): Importer =>
  (node) => {
    const size = node.number(0) ?? node.refuse('it lacks its size');
    if (!(size >= 1 && size <= 1 << 24) || node.int('output_datatype', 1) !== 1) {
      node.refuse('only float32 windows of ordinary sizes are known');
    }
    const period = node.int('periodic', 1) === 1 ? size : size - 1;
    const values = Array.from({ length: size }, (_, n) =>
      coefficients.reduce((sum, a, k) => sum + (-1) ** k * a * Math.cos((2 * Math.PI * k * n) / period), 0),
    );
    return constant(hostTensor(values, [size]));
  };

/** Fourier transforms and their windows. */
export const signals: Importers = {
  DFT: (node) => {
    // Since opset 20 the axis is an input.
    const axis = node.number(2) ?? node.int('axis', 1);
    const length = node.number(1);
    return dft(node.x, axis, {
      ...(length === undefined ? {} : { length }),
      inverse: node.int('inverse', 0) === 1,
      oneSided: node.int('onesided', 0) === 1,
    });
  },
  STFT: (node) => {
    const { x } = node;
    if (x.shape.length === 3 && x.shape[2] !== 1) node.refuse('its signal is complex');
    const step = node.number(1) ?? node.refuse('it lacks its frame_step');
    const window = node.inputs[2];
    const length =
      node.number(3) ?? window?.shape[0] ?? node.refuse('it has neither window nor frame_length');
    const oneSided = node.int('onesided', 1) === 1;
    const signal = x.shape.length === 3 ? reshape(x, x.shape.slice(0, 2)) : x;
    return stft(signal, { step, length, ...(window ? { window: operand(node, 2) } : {}), oneSided });
  },
  HannWindow: cosineWindow([0.5, 0.5]),
  HammingWindow: cosineWindow([25 / 46, 21 / 46]),
  BlackmanWindow: cosineWindow([0.42, 0.5, 0.08]),
};
