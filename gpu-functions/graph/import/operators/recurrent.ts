import { operand, type Importing, type Importers } from '../importing.ts';
import { elu, hardSigmoid, softsign } from '../../ops/activations.ts';
import { leakyRelu, relu, sigmoid, softplus, tanh } from '../../ops/elementwise.ts';
import { gru, lstm, rnn, type Activation, type Direction } from '../../ops/recurrent.ts';
import { concat, slice, squeeze, transpose, unsqueeze } from '../../ops/shape.ts';
import type { Value } from '../../value.ts';

/** Activations by lower-case name, with ONNX's defaults for their numbers. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  sigmoid,
  tanh,
  relu,
  softplus,
  softsign,
  hardsigmoid: (x) => hardSigmoid(x, 0.2, 0.5),
  leakyrelu: (x) => leakyRelu(x, 0.01),
  elu: (x) => elu(x, 1),
};

/** The last steps' states and all steps', of one direction. */
interface Outcome {
  readonly all: Value;
  readonly hidden: Value;
  readonly cell?: Value;
}

/** What an operator makes of one direction; `pick` takes the direction's part of input i. */
type Layer = (x: Value, how: Direction, pick: (i: number) => Value | undefined) => Outcome;

function activationsOf(node: Importing, defaults: readonly string[], directions: number): Activation[] {
  const given = node.strings('activations');
  const names = given ?? Array.from({ length: directions }, () => defaults).flat();
  if (given && (node.has('activation_alpha') || node.has('activation_beta'))) {
    node.refuse('its activations have numbers of their own');
  }
  return names.map(
    (name) => ACTIVATIONS[name.toLowerCase()] ?? node.refuse(`its activation '${name}' is not known`),
  );
}

/** Lengths, unless all sequences are known to be whole. */
function lengthsOf(node: Importing, time: number): Value | undefined {
  const lengths = node.inputs[4];
  if (!lengths) return undefined;
  const known = node.known(4) && node.list(4)!;
  return known?.every((n) => n === time) ? undefined : lengths;
}

function stacked(values: readonly Value[], axis: number): Value {
  const wide = values.map((v) => unsqueeze(v, [axis]));
  return concat(wide, axis);
}

function directions(node: Importing, defaults: readonly string[], layer: Layer): (Value | undefined)[] {
  const batchFirst = node.int('layout', 0) === 1;
  const direction = node.string('direction', 'forward');
  const count = direction === 'bidirectional' ? 2 : 1;
  const x = batchFirst ? transpose(node.x, [1, 0, 2]) : node.x;
  const activations = activationsOf(node, defaults, count);
  const each = activations.length / count;
  const outcomes = Array.from({ length: count }, (_, d) => {
    const pick = (i: number): Value | undefined => {
      const v = node.inputs[i];
      // Initial states have the batch first where everything has.
      const axis = batchFirst && (i === 5 || i === 6) && v?.shape.length === 3 ? 1 : 0;
      return v && squeeze(slice(v, axis, d, d + 1), [axis]);
    };
    const clip = node.has('clip') ? { clip: node.float('clip', 0) } : {};
    const lengths = lengthsOf(node, x.shape[0]);
    const how: Direction = {
      weight: pick(1) ?? operand(node, 1),
      recurrence: pick(2) ?? operand(node, 2),
      bias: pick(3),
      hidden: pick(5),
      activations: activations.slice(d * each, (d + 1) * each),
      ...clip,
      reverse: d === 1 || direction === 'reverse',
      lengths,
    };
    return layer(x, how, pick);
  });
  const all = stacked(outcomes.map((o) => o.all), 1); // prettier-ignore
  const last = (values: readonly (Value | undefined)[]): Value | undefined =>
    values.every((v) => v !== undefined) ? stacked(values, batchFirst ? 1 : 0) : undefined;
  return [
    batchFirst ? transpose(all, [2, 0, 1, 3]) : all,
    last(outcomes.map((o) => o.hidden)),
    last(outcomes.map((o) => o.cell)),
  ];
}

/** Recurrent layers. */
export const recurrent: Importers = {
  RNN: (node) => directions(node, ['Tanh'], rnn),
  GRU: (node) =>
    directions(node, ['Sigmoid', 'Tanh'], (x, how) =>
      gru(x, { ...how, linearBeforeReset: node.int('linear_before_reset', 0) === 1 }),
    ),
  LSTM: (node) =>
    directions(node, ['Sigmoid', 'Tanh', 'Tanh'], (x, how, pick) =>
      lstm(x, { ...how, cell: pick(6), peepholes: pick(7), inputForget: node.int('input_forget', 0) === 1 }),
    ),
};
