import { numberOf, type Importers } from '../importing.ts';
import { readTensor } from '../model-reader.ts';
import { full } from '../../ops/create.ts';
import { elementOf, hostTensor, isFloat, sizeOf, typedArray } from '../../tensor.ts';
import { constant, ints, namedConstant } from '../../value.ts';

/** What makes values from nothing, or passes them on. */
export const constants: Importers = {
  // Exporters merge parameters that happen to be equal, and give the others by Identity: they stay parameters of their own.
  Identity: ({ x, name }) =>
    x.node.tensor && x.node.name !== undefined ? namedConstant(name, x.node.tensor) : x,
  Dropout: ({ x }) => x,
  Constant: (node) => {
    const tensor = node.attribute('value');
    if (tensor) return constant(readTensor(tensor.messages(5)[0]));
    const list = node.ints('value_ints');
    if (list) return ints(list);
    if (node.attribute('value_int')) return constant(node.int('value_int', 0), 'int64');
    if (node.attribute('value_float')) return constant(node.float('value_float', 0));
    return node.refuse('it is neither a tensor nor a number');
  },
  ConstantOfShape: (node) => {
    const tensor = node.attribute('value');
    const value = tensor ? readTensor(tensor.messages(5)[0]) : hostTensor([0], [1]);
    const shape = node.list(0)!;
    if (isFloat(value.dtype)) return full(shape, elementOf(value, 0), value.dtype);
    const list = Array<number>(sizeOf(shape)).fill(elementOf(value, 0));
    return constant(hostTensor(list, shape, value.dtype));
  },
  Shape: ({ x, int }) => ints(x.shape.slice(int('start', 0), int('end', x.shape.length))),
  Range: (node) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => numberOf(node, i)!);
    const n = Math.max(0, Math.ceil((limit - start) / delta));
    const list = Array.from({ length: n }, (_, i) => start + i * delta);
    return constant(hostTensor(typedArray(list, node.x.dtype), [n], node.x.dtype));
  },
};
