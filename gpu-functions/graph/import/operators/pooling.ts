import { operand, type Importing, type Importers } from '../importing.ts';
import { mean, reduceMax, sum } from '../../ops/reduce.ts';
import { abs, pow } from '../../ops/elementwise.ts';
import * as p from '../../ops/pooling.ts';
import { autoPadOf, resolvePads } from '../../ops/windows.ts';
import type { Value } from '../../value.ts';

function windowOf(node: Importing): p.PoolingWindow {
  const kernel = node.ints('kernel_shape') ?? node.refuse('it lacks a kernel_shape');
  const each = (name: string): number[] => node.ints(name) ?? kernel.map(() => 1);
  const [stride, dilation] = [each('strides'), each('dilations')];
  const given = node.ints('pads') ?? [...kernel, ...kernel].map(() => 0);
  const autoPad = autoPadOf(node.string('auto_pad', 'NOTSET'));
  const pads = resolvePads(autoPad, given, node.x.shape.slice(2), kernel, stride, dilation);
  return { kernel, stride, dilation, pads, ceil: node.int('ceil_mode', 0) === 1 };
}

const spatial = (x: Value): number[] => [...x.shape.keys()].slice(2);

/** Pooling over windows, and over whole images. */
export const poolings: Importers = {
  AveragePool: (node) =>
    p.averagePool(node.x, windowOf(node), { countPadding: node.int('count_include_pad', 0) === 1 }),
  MaxPool: (node) => {
    const window = windowOf(node);
    if (!node.outputs[1]) return p.maxPool(node.x, window);
    return p.maxPoolWithIndices(node.x, window, { columnMajor: node.int('storage_order', 0) === 1 });
  },
  MaxUnpool: (node) => {
    const kernel = node.ints('kernel_shape') ?? node.refuse('it lacks a kernel_shape');
    const strides = node.ints('strides') ?? kernel.map(() => 1);
    const pads = node.ints('pads') ?? [...kernel, ...kernel].map(() => 0);
    const natural = node.x.shape
      .slice(2)
      .map((d, i) => (d - 1) * strides[i] + kernel[i] - pads[i] - pads[i + kernel.length]);
    const shape = node.list(2);
    const grown = [...node.x.shape.slice(0, 2), ...natural];
    if (shape && shape.join() !== grown.join()) node.refuse('its output_shape is not that of its windows');
    return p.maxUnpool(node.x, operand(node, 1), grown);
  },
  LpPool: (node) => p.lpPool(node.x, windowOf(node), node.int('p', 2)),
  GlobalAveragePool: ({ x }) => mean(x, spatial(x), true),
  GlobalMaxPool: ({ x }) => reduceMax(x, spatial(x), true),
  GlobalLpPool: (node) => {
    const power = node.int('p', 2);
    return pow(sum(pow(abs(node.x), power), spatial(node.x), true), 1 / power);
  },
};
