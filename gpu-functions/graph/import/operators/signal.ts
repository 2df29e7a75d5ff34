import { operand, type Importer, type Importing, type Importers } from '../importing.ts';
import { dft, stft } from '../../ops/fourier.ts';
import { reshape } from '../../ops/shape.ts';
import { hostTensor } from '../../tensor.ts';
import { constant, type Value } from '../../value.ts';

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

const melOf = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);

/** Frequencies of a spectrum in triangles that are even on the mel scale: [bins of the spectrum, mel bins]. */
function melWeights(node: Importing): Value {
  const [mels, length, rate, low, high] = [0, 1, 2, 3, 4].map(
    (i) => node.number(i) ?? node.refuse(`it lacks its input ${i}`),
  );
  if (!(mels >= 1 && length >= 1 && mels * length <= 1 << 26))
    node.refuse('its sizes are not those of a spectrum');
  const step = (melOf(high) - melOf(low)) / (mels + 2);
  const bins = Array.from({ length: mels + 2 }, (_, i) => {
    const hertz = 700 * (10 ** ((i * step + melOf(low)) / 2595) - 1);
    return Math.floor(((length + 1) * hertz) / rate);
  });
  const rows = Math.floor(length / 2) + 1;
  const weights = new Float32Array(rows * mels);
  const put = (row: number, column: number, weight: number): void => {
    if (row < rows) weights[row * mels + column] = weight;
  };
  for (let i = 0; i < mels; i++) {
    const [lower, centre, upper] = bins.slice(i, i + 3);
    if (lower === centre) put(centre, i, 1);
    else for (let j = lower; j <= centre; j++) put(j, i, (j - lower) / (centre - lower));
    for (let j = centre; j < upper; j++) put(j, i, (upper - j) / (upper - centre));
  }
  return constant(hostTensor(weights, [rows, mels]));
}

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
  MelWeightMatrix: melWeights,
};
