import { valued, x, type Moved, type OperatorCase } from './case.ts';

const wave = (...shape: number[]): Moved => valued(shape, (i) => Math.cos(1.7 * i + 0.4));

/** Operators of ONNX Runtime's own that its tools make of ordinary ones. */
export const microsoftCases: OperatorCase[] = [
  { op: 'com.microsoft.Gelu', form: '', inputs: [x(3, 4)], second: true },
  { op: 'com.microsoft.BiasGelu', form: '', inputs: [x(3, 4), x(4)] },
  { op: 'com.microsoft.FastGelu', form: 'bias', inputs: [x(3, 4), x(4)] },
  { op: 'com.microsoft.QuickGelu', form: 'alpha', inputs: [x(3, 4)], attributes: { alpha: { float: 1.5 } } },
  {
    op: 'com.microsoft.FusedMatMul',
    form: 'transposed, scaled',
    inputs: [x(2, 4, 3), x(2, 5, 4)],
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 } },
    second: true,
  },
  {
    op: 'com.microsoft.FusedGemm',
    form: 'Tanh',
    inputs: [x(3, 4), x(4, 2), x(2)],
    attributes: { activation: 'Tanh' },
  },
  {
    op: 'com.microsoft.FusedConv',
    form: 'Sigmoid',
    inputs: [x(1, 2, 4, 4), x(2, 2, 3, 3), x(2)],
    attributes: { activation: 'Sigmoid', pads: [1, 1, 1, 1] },
  },
  {
    op: 'com.microsoft.SkipLayerNormalization',
    form: '',
    inputs: [x(1, 3, 4), wave(1, 3, 4), wave(4), wave(4)],
  },
  {
    op: 'com.microsoft.SkipSimplifiedLayerNormalization',
    form: '',
    inputs: [x(1, 3, 4), wave(1, 3, 4), wave(4)],
  },
  { op: 'SimplifiedLayerNormalization', form: '', inputs: [x(2, 3, 4), wave(4)], second: true },
];
