import type { OperatorCase } from './case.ts';
import { activationCases, elementwiseCases } from './elementwise.ts';
import { microsoftCases } from './microsoft.ts';
import { recurrentCases } from './recurrent.ts';
import { linearCases, lossCases } from './linear.ts';
import { normalisationCases, reductionCases } from './reductions.ts';
import { resamplingCases } from './resampling.ts';
import { indexingCases, shapeCases } from './shapes.ts';
import { signalCases } from './signal.ts';
import { convolutionCases, patchCases, poolingCases } from './windows.ts';

/** All forms of all operators, by family. */
export const families: Readonly<Record<string, readonly OperatorCase[]>> = {
  Elements: elementwiseCases,
  Activations: activationCases,
  Matrices: linearCases,
  Convolution: [...convolutionCases, ...patchCases],
  Pooling: poolingCases,
  Normalisation: normalisationCases,
  'Reduction and order': reductionCases,
  Resampling: resamplingCases,
  Shapes: shapeCases,
  Indices: indexingCases,
  Recurrence: recurrentCases,
  Signals: signalCases,
  Losses: lossCases,
  'ONNX Runtime’s own': microsoftCases,
};
