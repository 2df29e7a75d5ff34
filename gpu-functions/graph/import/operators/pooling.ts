import type { Importing, Importers } from '../importing.ts';
import { mean } from '../../ops/reduce.ts';
import { averagePool2d, maxPool2d } from '../../ops/resample.ts';

/** The size of a pooling that tiles its input. */
function blockOf(node: Importing): number {
  const kernel = node.ints('kernel_shape') ?? [];
  const strides = node.ints('strides') ?? kernel.map(() => 1);
  const [, , h, w] = node.x.shape;
  const k = kernel[0];
  const square = kernel.length === 2 && [...kernel, ...strides].every((n) => n === k);
  const padded = (node.ints('pads') ?? []).some((p) => p !== 0);
  if (!square || padded || h % k || w % k)
    node.refuse('only pooling by square blocks that tile the image is known');
  return k;
}

/** Pooling over windows. */
export const poolings: Importers = {
  AveragePool: (node) => averagePool2d(node.x, blockOf(node)),
  MaxPool: (node) => maxPool2d(node.x, blockOf(node)),
  GlobalAveragePool: ({ x }) => mean(x, [2, 3], true),
};
