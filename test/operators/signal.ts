import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import { positive, x, type OperatorCase } from './case.ts';

const scalar = (v: number): HostTensor => hostTensor([v], [], 'int64');

/** Fourier transforms and their windows. */
export const signalCases: OperatorCase[] = [
  { op: 'DFT', form: 'real', inputs: [x(2, 6, 1)], opset: 17 },
  { op: 'DFT', form: 'complex, inverse', inputs: [x(2, 5, 2)], attributes: { inverse: 1 }, opset: 17 },
  {
    op: 'DFT',
    form: 'onesided, longer',
    inputs: [x(2, 5, 1), scalar(8)],
    attributes: { onesided: 1 },
    opset: 17,
  },
  { op: 'DFT', form: 'shorter, axis as input', inputs: [x(2, 3, 7, 2), scalar(5), scalar(2)], opset: 20 },
  { op: 'STFT', form: 'window', inputs: [x(2, 20, 1), scalar(3), positive(8)], opset: 17, second: true },
  {
    op: 'STFT',
    form: 'two-sided, no window',
    inputs: [x(1, 15, 1), scalar(4), null, scalar(6)],
    attributes: { onesided: 0 },
    opset: 17,
  },
  ...['HannWindow', 'HammingWindow', 'BlackmanWindow'].flatMap((op): OperatorCase[] => [
    { op, form: 'periodic', inputs: [scalar(7)], gradient: false },
    { op, form: 'symmetric', inputs: [scalar(8)], attributes: { periodic: 0 }, gradient: false },
  ]),
  {
    op: 'MelWeightMatrix',
    form: '',
    inputs: [scalar(8), scalar(64), scalar(8192), hostTensor([100], []), hostTensor([4000], [])],
    gradient: false,
    opset: 17,
  },
];
