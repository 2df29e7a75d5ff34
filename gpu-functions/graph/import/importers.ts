import type { Importers } from './importing.ts';
import { activations } from './operators/activations.ts';
import { constants } from './operators/constants.ts';
import { convolutions } from './operators/convolution.ts';
import { elementwise } from './operators/elementwise.ts';
import { indexing } from './operators/indexing.ts';
import { linear } from './operators/linear.ts';
import { microsoft } from './operators/microsoft.ts';
import { losses } from './operators/loss.ts';
import { normalisations } from './operators/normalisation.ts';
import { poolings } from './operators/pooling.ts';
import { recurrent } from './operators/recurrent.ts';
import { reductions } from './operators/reduce.ts';
import { resizing } from './operators/resize.ts';
import { shapes } from './operators/shape.ts';
import { signals } from './operators/signal.ts';
import { sliceAndPad } from './operators/slice-and-pad.ts';

/** How each ONNX operator is said in the graph language. */
export const importers: Importers = {
  ...constants,
  ...elementwise,
  ...activations,
  ...shapes,
  ...sliceAndPad,
  ...reductions,
  ...recurrent,
  ...signals,
  ...losses,
  ...linear,
  ...convolutions,
  ...normalisations,
  ...poolings,
  ...resizing,
  ...indexing,
  ...microsoft,
};
