import type { Importing, Importers } from '../importing.ts';
import { conv2d, convTranspose2d, type Padding } from '../../ops/convolution.ts';

/** Window attributes that convolutions share. */
function window(node: Importing) {
  if (!['NOTSET', ''].includes(node.string('auto_pad', 'NOTSET'))) node.refuse('it pads automatically');
  const two = (name: string): [number, number] => (node.ints(name) ?? [1, 1]) as [number, number];
  return {
    stride: two('strides'),
    dilation: two('dilations'),
    padding: (node.ints('pads') ?? [0, 0, 0, 0]) as unknown as Padding,
    groups: node.int('group', 1),
  };
}

/** Convolutions and their adjoints. */
export const convolutions: Importers = {
  Conv: (node) => conv2d(node.x, node.inputs[1]!, { ...window(node), bias: node.inputs[2] }),
  ConvTranspose: (node) => {
    if (node.ints('output_shape')) node.refuse('it fixes its output shape');
    const outputPadding = (node.ints('output_padding') ?? [0, 0]) as [number, number];
    return convTranspose2d(node.x, node.inputs[1]!, { ...window(node), bias: node.inputs[2], outputPadding });
  },
};
