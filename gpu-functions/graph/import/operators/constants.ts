import type { Importing, Importers } from '../importing.ts';
import { dtypeOfCode } from '../tensor-reader.ts';
import { full, ones } from '../../ops/create.ts';
import { elementOf, hostTensor, sizeOf, typedArray } from '../../tensor.ts';
import { constant, ints, namedConstant, type Value } from '../../value.ts';

/** More numbers than a range of indices has. */
const MOST_IN_RANGE = 1 << 24;

function constantOf(node: Importing): Value {
  const tensor = node.tensor('value');
  if (tensor) return constant(tensor);
  if (node.has('value_float')) return constant(node.float('value_float', 0));
  const floats = node.floats('value_floats');
  if (floats) return constant(hostTensor(floats, [floats.length]));
  if (node.has('value_int')) return constant(node.int('value_int', 0), 'int64');
  return ints(node.ints('value_ints') ?? node.refuse('it is neither a tensor nor numbers'));
}

function range(node: Importing): Value {
  const [start, limit, delta] = [0, 1, 2].map((i) => node.number(i) ?? node.refuse('it lacks a bound'));
  const n = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(n <= MOST_IN_RANGE)) node.refuse(`it would count ${n} numbers`);
  const list = Array.from({ length: n }, (_, i) => start + i * delta);
  return constant(hostTensor(typedArray(list, node.x.dtype), [n], node.x.dtype));
}

function eye(node: Importing): Value {
  const [rows, columns] = node.x.shape;
  const dtype = node.has('dtype') ? dtypeOfCode(node.int('dtype', 1)) : node.x.dtype;
  const k = node.int('k', 0);
  const list = Array.from({ length: rows * columns }, (_, i) =>
    (i % columns) - Math.floor(i / columns) === k ? 1 : 0,
  );
  return constant(hostTensor(typedArray(list, dtype), [rows, columns], dtype));
}

/** What makes values from nothing, or passes them on. */
export const constants: Importers = {
  // Exporters merge parameters that happen to be equal, and give the others by Identity: they stay parameters of their own.
  Identity: ({ x, name }) =>
    x.node.tensor && x.node.name !== undefined ? namedConstant(name, x.node.tensor) : x,
  Dropout: (node) => {
    const drops = node.number(1) ?? 0.5;
    if (node.known(2) && node.number(2) !== 0 && drops !== 0)
      node.refuse('it is in training mode; export the model for inference');
    return [node.x, node.outputs[1] ? ones(node.x.shape, 'bool') : undefined];
  },
  Constant: constantOf,
  ConstantOfShape: (node) => {
    const value = node.tensor('value') ?? hostTensor([0], [1]);
    return full(node.list(0) ?? node.refuse('it lacks its shape'), elementOf(value, 0), value.dtype);
  },
  Shape: ({ x, int }) => ints(x.shape.slice(int('start', 0), int('end', x.shape.length))),
  Size: ({ x }) => constant(sizeOf(x.shape), 'int64'),
  Range: range,
  EyeLike: eye,
};
