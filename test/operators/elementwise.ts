import { hostTensor, type HostTensor } from '../../gpu-functions/graph/index.ts';
import type { Attributes } from '../../gpu-functions/graph/value.ts';
import { positive, valued, x, type Moved, type OperatorCase } from './case.ts';

const within: Moved = valued([3, 4], (i) => 0.9 * Math.sin(2.1 * i));
const aboveOne: Moved = valued([3, 4], (i) => 1.5 + ((i * 0.37) % 1));
const far = (scale: number): Moved => valued([4, 12], (i) => scale * (((i * 17) % 48) / 24 - 1 + 1 / 48));
const float = (v: number): { float: number } => ({ float: v });

function each(ops: readonly string[], input: Moved, second = true): OperatorCase[] {
  return ops.map((op) => ({ op, form: '', inputs: [input], second }));
}
function activation(op: string, input: Moved, attributes: Attributes = {}, opset = 18): OperatorCase {
  const form = Object.keys(attributes).join(', ');
  return { op, form, inputs: [input], attributes, second: true, opset };
}
const ints = (values: number[], shape: number[]): HostTensor => hostTensor(values, shape, 'int64');
const bools = (values: number[], shape: number[]): HostTensor => hostTensor(values, shape, 'bool');

/** Arithmetic, comparison, logic and functions of single elements. */
export const elementwiseCases: OperatorCase[] = [
  ...['Add', 'Sub', 'Mul', 'Max', 'Min'].map((op) => ({
    op,
    form: 'broadcast',
    inputs: [x(3, 4), x(4)],
    second: op === 'Mul',
  })),
  { op: 'Div', form: 'broadcast', inputs: [x(3, 1), positive(4)], second: true },
  { op: 'Pow', form: 'tensor exponent', inputs: [positive(3, 4), x(4)], second: true },
  { op: 'Pow', form: 'number', inputs: [positive(3, 4), hostTensor([2.5], [])], second: true },
  { op: 'Pow', form: 'integer exponent', inputs: [x(3, 4), ints([3], [])], second: true },
  { op: 'Mod', form: 'fmod', inputs: [x(3, 4), valued([4], () => 28 / 48)], attributes: { fmod: 1 } },
  ...['Max', 'Min', 'Sum', 'Mean'].map((op) => ({ op, form: 'variadic', inputs: [x(3, 4), x(4), x(3, 1)] })),
  ...each(['Neg', 'Abs'], x(3, 4), false),
  ...each(['Exp', 'Sin', 'Cos', 'Tan', 'Sinh', 'Cosh', 'Tanh', 'Asinh', 'Erf', 'Atan'], x(3, 4)),
  ...each(['Sqrt', 'Log', 'Reciprocal'], positive(3, 4)),
  ...each(['Asin', 'Acos', 'Atanh'], within),
  ...each(['Acosh'], aboveOne),
  { op: 'Clip', form: 'both bounds', inputs: [x(3, 4), hostTensor([-0.4], []), hostTensor([0.5], [])] },
  { op: 'Clip', form: 'one bound', inputs: [x(3, 4), null, hostTensor([0.5], [])] },
  {
    op: 'Clip',
    form: 'attributes',
    inputs: [x(3, 4)],
    attributes: { min: float(-0.4), max: float(0.5) },
    opset: 10,
  },
  { op: 'Where', form: 'broadcast', inputs: [bools([1, 0, 0, 1], [4]), x(3, 4), x(3, 1)] },
  { op: 'Cast', form: 'to float32', inputs: [x(3, 4)], attributes: { to: 1 } },
  ...['Sign', 'Floor', 'Ceil', 'Round', 'IsNaN', 'IsInf'].map((op) => ({
    op,
    form: '',
    inputs: [x(3, 4)],
    gradient: false,
  })),
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map((op) => ({
    op,
    form: 'broadcast',
    inputs: [x(3, 4), x(4)],
    gradient: false,
  })),
];

/** Activations. */
export const activationCases: OperatorCase[] = [
  ...['Relu', 'LeakyRelu'].map((op) => ({ op, form: '', inputs: [x(3, 4)] })),
  { op: 'LeakyRelu', form: 'alpha', inputs: [x(3, 4)], attributes: { alpha: float(0.3) } },
  { op: 'PRelu', form: 'slope of each channel', inputs: [x(2, 3, 4), x(3, 1)], second: true },
  { ...activation('ThresholdedRelu', x(3, 4), { alpha: float(0.25) }), second: false },
  activation('Elu', x(3, 4)),
  activation('Elu', x(3, 4), { alpha: float(0.7) }),
  activation('Selu', x(3, 4)),
  activation('Celu', x(3, 4), { alpha: float(0.6) }),
  activation('Gelu', x(3, 4), {}, 20),
  activation('Gelu', x(3, 4), { approximate: 'tanh' }, 20),
  activation('Mish', x(3, 4)),
  activation('Sigmoid', x(3, 4)),
  { ...activation('HardSigmoid', far(3)), second: false },
  { ...activation('HardSigmoid', far(3), { alpha: float(0.3), beta: float(0.4) }), second: false },
  activation('HardSwish', far(5)),
  activation('Softplus', far(4)),
  activation('Softsign', x(3, 4)),
  { ...activation('Shrink', x(3, 4), { lambd: float(0.4), bias: float(0.1) }), second: false },
];
