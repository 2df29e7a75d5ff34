import { expect, it } from 'vitest';
import { float16Bits } from '../float16.ts';
import { gradients } from '../gradient.ts';
import { evaluate } from '../session.ts';
import { float32, hostTensor, type DType, type HostTensor } from '../tensor.ts';
import { input } from '../value.ts';
import { importModel } from './import-model.ts';
import { fileOf, int64, numbers, op, type Sketch } from './testing.ts';

/** The numbers of a tensor in half precision, and what they are then. */
const bits = ({ data, shape }: HostTensor): HostTensor =>
  hostTensor(Uint16Array.from(data as Float32Array, float16Bits), shape, 'float16');
const inType = (tensor: HostTensor, dtype: DType): HostTensor => {
  if (tensor.dtype !== 'float32') return tensor;
  const rounded = bits(tensor);
  return dtype === 'float16' ? rounded : hostTensor(float32(rounded), tensor.shape);
};

const positive = (...shape: number[]): HostTensor => {
  const tensor = numbers(shape);
  return hostTensor(
    (tensor.data as Float32Array).map((v) => 1 + Math.abs(v)),
    shape,
  );
};

const NETWORKS: Readonly<Record<string, Sketch>> = {
  'of convolutions and pooling': {
    nodes: [
      op('Conv', ['x', 'w', 'b'], 'a', { pads: [1, 1, 1, 1], strides: [2, 2] }),
      op('BatchNormalization', ['a', 's', 'b', 'b', 's'], 'n'),
      op('LeakyRelu', ['n'], 'r', { alpha: { float: 0.1 } }),
      op('MaxPool', ['r'], 'm', { kernel_shape: [2, 2] }),
      op('AveragePool', ['m'], 'p', { kernel_shape: [2, 2] }),
      op('Resize', ['p', '', '', 'size'], 'z', { mode: 'linear' }),
      op('ReduceMean', ['z'], 'y', { axes: [2] }),
    ],
    weights: { w: numbers([4, 3, 3, 3]), b: numbers([4], 1), s: positive(4), size: int64(2, 4, 3, 3) },
    inputs: { x: numbers([2, 3, 10, 10]) },
  },
  'of attention over gathered tokens': {
    nodes: [
      op('Gather', ['x', 'ids'], 't', { axis: 1 }),
      op('LayerNormalization', ['t', 's', 'b'], 'n', { axis: -1 }),
      op('MatMul', ['n', 'w'], 'q'),
      op('Transpose', ['q'], 'k', { perm: [0, 2, 1] }),
      op('MatMul', ['q', 'k'], 'd'),
      op('Softmax', ['d'], 'p', { axis: -1 }),
      op('MatMul', ['p', 'q'], 'o'),
      op('Erf', ['o'], 'e'),
      op('Add', ['t', 'e'], 'y'),
    ],
    weights: { w: numbers([8, 8]), s: positive(8), b: numbers([8], 1), ids: int64(0, 2, 2, 1) },
    inputs: { x: numbers([2, 3, 8], 2) },
  },
};

it.each(Object.entries(NETWORKS))(
  'a float16 network %s has the gradients of single precision',
  async (_, sketch) => {
    const found = await Promise.all((['float16', 'float32'] as const).map((dtype) => slopes(sketch, dtype)));
    for (const [name, wanted] of Object.entries(found[1])) {
      const largest = wanted.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      const worst = found[0][name].reduce((m, v, i) => Math.max(m, Math.abs(v - wanted[i])), 0);
      expect(largest).toBeGreaterThan(0);
      expect(worst / largest, name).toBeLessThan(0.01);
    }
  },
);

/** A network's output, and its gradients with respect to input and weights. */
async function slopes(sketch: Sketch, dtype: 'float16' | 'float32'): Promise<Record<string, Float32Array>> {
  const typed = (tensors: Sketch['weights'] = {}) =>
    Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, inType(t, dtype)]));
  const [inputs, weights] = [typed(sketch.inputs), typed(sketch.weights)];
  const imported = importModel(fileOf({ ...sketch, inputs, weights }, 17));
  const { y } = imported.outputs;
  const wrt = Object.entries({ ...imported.inputs, ...imported.initializers }).filter(
    ([, v]) => v.dtype === dtype,
  );
  const found = gradients([y], wrt.map(([, v]) => v), [input('seed', y.shape, dtype)]); // prettier-ignore
  const named = Object.fromEntries(wrt.map(([name], i) => [`g.${name}`, found[i]]));
  const results = await evaluate({ y, ...named }, { ...inputs, seed: inType(numbers(y.shape, 3), dtype) });
  return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, float32(t)]));
}
