import { hostTensor, type HostTensor } from '../tensor.ts';
import type { ReadAttribute, ReadAttributes } from './attribute-reader.ts';
import type { ReadNode } from './model-reader.ts';

/** What a conversion may make besides nodes. */
export interface Additions {
  /** A new initializer. @returns its name */
  readonly constant: (tensor: HostTensor) => string;
  /** A name that nothing has. */
  readonly name: () => string;
}

type Conversion = (node: ReadNode, make: Additions) => readonly ReadNode[];

/** A conversion of the versions of an operator in opsets before (or, from a version on, since) one. */
interface Rule {
  readonly before?: number;
  readonly since?: number;
  readonly convert: Conversion;
}

const int = (value: number): ReadAttribute => ({ type: 'int', value: BigInt(value) });
const text = (value: string): ReadAttribute => ({ type: 'string', value });

function changed(
  attributes: ReadAttributes,
  changes: Record<string, ReadAttribute | undefined>,
): ReadAttributes {
  const result = new Map(attributes);
  for (const [name, value] of Object.entries(changes)) {
    if (value) result.set(name, value);
    else result.delete(name);
  }
  return result;
}

function tensorOf(attribute: ReadAttribute | undefined): HostTensor | undefined {
  switch (attribute?.type) {
    case 'ints':
      return hostTensor(BigInt64Array.from(attribute.value), [attribute.value.length]);
    case 'int':
      return hostTensor(BigInt64Array.from([attribute.value]), [1]);
    case 'floats':
      return hostTensor(attribute.value, [attribute.value.length]);
    case 'float':
      return hostTensor([attribute.value], []);
    default:
      return undefined;
  }
}

/** Attributes that became inputs, in order from input 1; an input already there stays. */
const asInputs =
  (...names: string[]): Conversion =>
  (node, make) => {
    const inputs = [node.inputs[0] ?? ''];
    for (const [i, name] of names.entries()) {
      const tensor = tensorOf(node.attributes.get(name));
      inputs.push(node.inputs[i + 1] || (tensor ? make.constant(tensor) : ''));
    }
    while (inputs.at(-1) === '') inputs.pop();
    const attributes = changed(node.attributes, Object.fromEntries(names.map((n) => [n, undefined])));
    return [{ ...node, inputs, attributes }];
  };

/** Before opset 13 these took the axes from `axis` (1 by default) on as one. */
const flattened: Conversion = (node, make) => {
  const [x] = node.inputs;
  const plain = { name: '', domain: '', overload: '', attributes: new Map<string, ReadAttribute>() };
  const [shape, rows, result] = [make.name(), make.name(), make.name()];
  const axis = node.attributes.get('axis') ?? int(1);
  return [
    { ...plain, op: 'Shape', inputs: [x], outputs: [shape] },
    { ...plain, op: 'Flatten', inputs: [x], outputs: [rows], attributes: new Map([['axis', axis]]) },
    { ...node, inputs: [rows], outputs: [result], attributes: new Map([['axis', int(-1)]]) },
    { ...plain, op: 'Reshape', inputs: [result, shape], outputs: [...node.outputs] },
  ];
};

/** What Upsample, and Resize before opset 11, do: scale from the corner, taking the element before. */
const upsampled: Conversion = (node, make) => {
  const mode = node.attributes.get('mode');
  const linear = mode?.type === 'string' && ['linear', 'bilinear'].includes(mode.value);
  const given = tensorOf(node.attributes.get('scales'));
  const scales = node.inputs[1] || (given ? make.constant(given) : '');
  const attributes = new Map([
    ['mode', text(linear ? 'linear' : 'nearest')],
    ['coordinate_transformation_mode', text('asymmetric')],
    ['nearest_mode', text('floor')],
  ]);
  return [{ ...node, op: 'Resize', inputs: [node.inputs[0] ?? '', '', scales], attributes }];
};

/** Split without sizes needs the number of parts since opset 18. */
const split: Conversion = (node, make) => {
  const [converted] = asInputs('split')(node, make);
  if (converted.inputs.length > 1) return [converted];
  const attributes = changed(converted.attributes, { num_outputs: int(node.outputs.length) });
  return [{ ...converted, attributes }];
};

const without =
  (...names: string[]): Conversion =>
  (node) => [
    { ...node, attributes: changed(node.attributes, Object.fromEntries(names.map((n) => [n, undefined]))) },
  ];

/** Opset 20 gave the modes of GridSample other names. */
const gridSample: Conversion = (node) => {
  const mode = node.attributes.get('mode');
  const old = { linear: 'bilinear', cubic: 'bicubic' }[mode?.type === 'string' ? mode.value : ''];
  return [old ? { ...node, attributes: changed(node.attributes, { mode: text(old) }) } : node];
};

const aligned: Conversion = (node) =>
  node.attributes.has('coordinate_transformation_mode')
    ? [node]
    : [
        {
          ...node,
          attributes: changed(node.attributes, { coordinate_transformation_mode: text('output_half_pixel') }),
        },
      ];

/** Statistics for each place rather than each channel, which opset 9 gave up, are left for the importer. */
const spatial: Conversion = (node, make) => {
  const given = node.attributes.get('spatial');
  return given?.type === 'int' && given.value === 0n ? [node] : without('spatial')(node, make);
};

/** A sparse tensor is read as a dense one. */
const dense: Conversion = (node) => {
  const value = node.attributes.get('sparse_value');
  return [
    value ? { ...node, attributes: changed(node.attributes, { value, sparse_value: undefined }) } : node,
  ];
};

const axes = asInputs('axes');
const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];

/** What opsets 7 to 21 say otherwise than opset 18. Only types that an operator takes, and new operators, are not listed. */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  Squeeze: [{ before: 13, convert: axes }],
  Unsqueeze: [{ before: 13, convert: axes }],
  ReduceSum: [{ before: 13, convert: axes }],
  ...Object.fromEntries(reductions.map((r) => [`Reduce${r}`, [{ before: 18, convert: axes }]])),
  Softmax: [{ before: 13, convert: flattened }],
  LogSoftmax: [{ before: 13, convert: flattened }],
  Hardmax: [{ before: 13, convert: flattened }],
  Clip: [{ before: 11, convert: asInputs('min', 'max') }],
  Pad: [{ before: 11, convert: asInputs('pads', 'value') }],
  Slice: [{ before: 10, convert: asInputs('starts', 'ends', 'axes') }],
  TopK: [{ before: 10, convert: asInputs('k') }],
  Split: [{ before: 18, convert: split }],
  Constant: [{ convert: dense }],
  Upsample: [{ convert: upsampled }],
  Resize: [{ before: 11, convert: upsampled }],
  Dropout: [{ before: 12, convert: without('ratio', 'seed') }],
  BatchNormalization: [{ before: 9, convert: spatial }],
  Scatter: [{ convert: (node) => [{ ...node, op: 'ScatterElements' }] }],
  RoiAlign: [{ before: 16, convert: aligned }],
  Cast: [{ since: 19, convert: without('saturate', 'round_mode') }],
  CastLike: [{ since: 19, convert: without('saturate', 'round_mode') }],
  GridSample: [{ since: 20, convert: gridSample }],
};

/** Opsets that are converted. */
export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 21;

/** A node of ONNX's own domain as opset 18 has it: one node, or several. */
export function convertNode(node: ReadNode, opset: number, make: Additions): readonly ReadNode[] {
  const list = Object.hasOwn(rules, node.op) ? rules[node.op] : [];
  const rule = list.find(({ before = Infinity, since = 0 }) => opset < before && opset >= since);
  return rule ? rule.convert(node, make) : [node];
}
