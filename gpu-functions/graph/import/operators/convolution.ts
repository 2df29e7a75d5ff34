import { operand, type Importing, type Importers } from '../importing.ts';
import { conv, convTranspose } from '../../ops/convolution.ts';
import { cast } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/shape.ts';
import { autoPadOf, reach, resolvePads, sides } from '../../ops/windows.ts';
import { hostTensor, sizeOf } from '../../tensor.ts';
import { constant, type Value } from '../../value.ts';

/** Attributes that convolutions share. */
function windowOf(node: Importing) {
  const kernel = operand(node, 1).shape.slice(2);
  const given = node.ints('kernel_shape');
  if (given && given.join() !== kernel.join()) {
    node.refuse(`its kernels are [${kernel.join(', ')}], not [${given.join(', ')}] as it says`);
  }
  const each = (name: string): number[] => node.ints(name) ?? kernel.map(() => 1);
  return {
    kernel,
    stride: each('strides'),
    dilation: each('dilations'),
    pads: node.ints('pads') ?? [...kernel, ...kernel].map(() => 0),
    autoPad: autoPadOf(node.string('auto_pad', 'NOTSET')),
    groups: node.int('group', 1),
  };
}

/** Columns of patches [N, C·Πk, L] summed where they lie in images: a transposed convolution with one tap for each channel of a patch. */
function columnsToImage(node: Importing): Value {
  const image = node.list(1) ?? node.refuse('it lacks its image_shape');
  const kernel = node.list(2) ?? node.refuse('it lacks its block_shape');
  const each = (name: string): number[] => node.ints(name) ?? kernel.map(() => 1);
  const [stride, dilation] = [each('strides'), each('dilations')];
  const padding = node.ints('pads') ?? [...kernel, ...kernel].map(() => 0);
  const taps = sizeOf(kernel);
  const channels = node.x.shape[1] / taps;
  const n = kernel.length;
  const spans = image.map((d, i) => d + padding[i] + padding[i + n] - reach(kernel[i], dilation[i]));
  const blocks = spans.map((span, i) => Math.floor(span / stride[i]) + 1);
  const eye = Array.from({ length: channels * taps * taps }, (_, i) =>
    Math.floor(i / taps) % taps === i % taps ? 1 : 0,
  );
  const kernels = cast(constant(hostTensor(eye, [channels * taps, 1, ...kernel])), node.x.dtype);
  return convTranspose(reshape(node.x, [node.x.shape[0], channels * taps, ...blocks]), kernels, {
    stride,
    dilation,
    padding,
    groups: channels,
    outputPadding: spans.map((span, i) => span % stride[i]),
  });
}

/** Convolutions and their adjoints. */
export const convolutions: Importers = {
  Conv: (node) => {
    const { kernel, stride, dilation, pads, autoPad, groups } = windowOf(node);
    const padding = resolvePads(autoPad, pads, node.x.shape.slice(2), kernel, stride, dilation);
    return conv(node.x, operand(node, 1), { bias: node.inputs[2], stride, dilation, padding, groups });
  },
  ConvTranspose: (node) => {
    const { kernel, stride, dilation, pads, autoPad, groups } = windowOf(node);
    const extra = node.ints('output_padding') ?? kernel.map(() => 0);
    const sizes = node.x.shape.slice(2);
    const whole = sizes.map((d, i) => (d - 1) * stride[i] + reach(kernel[i], dilation[i]));
    let wanted = node.ints('output_shape')?.slice(-kernel.length);
    if (!wanted && autoPad.startsWith('SAME')) wanted = sizes.map((d, i) => d * stride[i]);
    let padding = autoPad === 'VALID' ? pads.map(() => 0) : pads;
    if (wanted) {
      // The odd one out goes before, but for SAME_UPPER.
      const mode = autoPad === 'SAME_UPPER' ? 'SAME_UPPER' : 'SAME_LOWER';
      const both = whole.map((d, i) => sides(Math.max(0, d + extra[i] - wanted[i]), mode));
      padding = [...both.map(([before]) => before), ...both.map(([, after]) => after)];
    }
    const n = kernel.length;
    const outputPadding = extra.map((e, i) =>
      wanted ? wanted[i] - (whole[i] - padding[i] - padding[i + n]) : e,
    );
    return convTranspose(node.x, operand(node, 1), {
      bias: node.inputs[2],
      stride,
      dilation,
      padding,
      groups,
      outputPadding,
    });
  },
  Col2Im: columnsToImage,
};
