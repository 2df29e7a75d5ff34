import { GraphError } from '../tensor.ts';
import type { Shape } from '../tensor.ts';
import type { Value } from '../value.ts';
import { zeros } from './create.ts';
import { add, clamp, greater, mul, sub, where } from './elementwise.ts';
import { matmul } from './linear.ts';
import { reverseSequence } from './select.ts';
import { concat, flip, reshape, slice, squeeze, transposeLast, unsqueeze } from './shape.ts';

/**
 * Recurrent layers in ONNX's terms, one direction at a time, written out step by step: their gradients are those of what they are made of,
 * and the graph grows with the sequence.
 */

export type Activation = (x: Value) => Value;

/** One direction of a recurrent layer of hidden size H with k gates, on sequences [T, B, I]. */
export interface Direction {
  /** [k·H, I], [k·H, H], and [2·k·H] (for the input, then for the hidden state). */
  readonly weight: Value;
  readonly recurrence: Value;
  readonly bias?: Value;
  /** [B, H]; zeros where left out. */
  readonly hidden?: Value;
  /** The functions of the gates, in ONNX's order. */
  readonly activations: readonly Activation[];
  /** What goes into the functions is limited to ± this. */
  readonly clip?: number;
  /** Backwards in time. */
  readonly reverse?: boolean;
  /** How many steps each sequence has, int64 [B]; all of them where left out. */
  readonly lengths?: Value;
}

/** The hidden states of all steps [T, B, H], and those after the last. */
export interface Recurrent {
  readonly all: Value;
  readonly hidden: Value;
}

/** What one step makes of the state: the gates' input of the step [B, k·H], and the state before. */
type Step<S> = (input: Value, state: S) => S;

const part = (gates: Value, i: number, size: number): Value => slice(gates, 1, i * size, (i + 1) * size);

/** A product with a transposed matrix. */
const times = (x: Value, matrix: Value): Value => matmul(x, transposeLast(matrix));

const limited = (x: Value, clip: number | undefined): Value =>
  clip === undefined ? x : clamp(x, -clip, clip);

/** Every step is written out. */
const MOST_STEPS = 1 << 14;

/** Run a step over time. States are lists of [B, H], the hidden one first; after a sequence's end they stay, and its outputs are zeros. */
function unroll(
  x: Value,
  how: Direction,
  start: readonly Value[],
  step: Step<readonly Value[]>,
): Recurrent & { state: readonly Value[] } {
  const [time, batch, inputs] = x.shape;
  if (time > MOST_STEPS)
    throw new GraphError(`a recurrence of ${time} steps would be written out; give a shorter sequence`);
  const { lengths, reverse = false } = how;
  const turn = (v: Value): Value => {
    if (!reverse) return v;
    return lengths ? reverseSequence(v, lengths, 0, 1) : flip(v, [0]);
  };
  // The inputs' part of the gates does not depend on the state: one product for all steps.
  const gates = times(reshape(turn(x), [time * batch, inputs]), how.weight);
  const width = gates.shape[1];
  const perStep = reshape(how.bias ? add(gates, slice(how.bias, 0, 0, width)) : gates, [time, batch, width]);
  let state = start;
  const hidden: Value[] = [];
  for (let t = 0; t < time; t++) {
    const next = step(squeeze(slice(perStep, 0, t, t + 1), [0]), state);
    const within = lengths ? reshape(greater(lengths, t), [batch, 1]) : undefined;
    const before = state;
    state = within ? next.map((v, i) => where(within, v, before[i])) : next;
    hidden.push(within ? where(within, next[0], 0) : next[0]);
  }
  const all = concat(hidden.map((h) => unsqueeze(h, [0])), 0); // prettier-ignore
  return { all: turn(all), hidden: state[0], state };
}

const initial = (x: Value, given: Value | undefined, size: number): Value =>
  given ?? zeros([x.shape[1], size] satisfies Shape, x.dtype);

/** The bias of the hidden state's part of the gates. */
const recurrentBias = ({ bias, recurrence }: Direction): Value | undefined =>
  bias && slice(bias, 0, recurrence.shape[0], 2 * recurrence.shape[0]);

const plus = (x: Value, bias: Value | undefined): Value => (bias ? add(x, bias) : x);

/** Hₜ = f(Xₜ·Wᵀ + Hₜ₋₁·Rᵀ + b). */
export function rnn(x: Value, how: Direction): Recurrent {
  const size = how.recurrence.shape[1];
  const [f] = how.activations;
  const bias = recurrentBias(how);
  return unroll(x, how, [initial(x, how.hidden, size)], (input, [h]) => [
    f(limited(add(input, plus(times(h, how.recurrence), bias)), how.clip)),
  ]);
}

/** Gated recurrent units; gates in the order update, reset, hidden. `linearBeforeReset` applies the reset to the product (as cuDNN does). */
export function gru(x: Value, how: Direction & { readonly linearBeforeReset?: boolean }): Recurrent {
  const size = how.recurrence.shape[1];
  const [f, g] = how.activations;
  const bias = recurrentBias(how);
  const gateMatrix = slice(how.recurrence, 0, 0, 2 * size);
  const hiddenMatrix = slice(how.recurrence, 0, 2 * size, 3 * size);
  const gateBias = bias && slice(bias, 0, 0, 2 * size);
  const hiddenBias = bias && slice(bias, 0, 2 * size, 3 * size);
  return unroll(x, how, [initial(x, how.hidden, size)], (input, [h]) => {
    const both = f(
      limited(add(slice(input, 1, 0, 2 * size), plus(times(h, gateMatrix), gateBias)), how.clip),
    );
    const [update, reset] = [part(both, 0, size), part(both, 1, size)];
    const recurrent = how.linearBeforeReset
      ? mul(reset, plus(times(h, hiddenMatrix), hiddenBias))
      : plus(times(mul(reset, h), hiddenMatrix), hiddenBias);
    const proposed = g(limited(add(part(input, 2, size), recurrent), how.clip));
    return [add(mul(sub(1, update), proposed), mul(update, h))];
  });
}

/** Long short-term memory; gates in the order input, output, forget, cell. Peepholes [3·H] are those of input, output and forget. */
export function lstm(
  x: Value,
  how: Direction & { readonly cell?: Value; readonly peepholes?: Value; readonly inputForget?: boolean },
): Recurrent & { cell: Value } {
  const size = how.recurrence.shape[1];
  const [f, g, h] = how.activations;
  const bias = recurrentBias(how);
  const seen = (gate: Value, cell: Value, i: number): Value =>
    how.peepholes ? add(gate, mul(cell, slice(how.peepholes, 0, i * size, (i + 1) * size))) : gate;
  const start = [initial(x, how.hidden, size), initial(x, how.cell, size)];
  const result = unroll(x, how, start, (input, [hidden, cell]) => {
    const gates = add(input, plus(times(hidden, how.recurrence), bias));
    const entering = f(limited(seen(part(gates, 0, size), cell, 0), how.clip));
    const kept = how.inputForget
      ? sub(1, entering)
      : f(limited(seen(part(gates, 2, size), cell, 2), how.clip));
    const proposed = g(limited(part(gates, 3, size), how.clip));
    const next = add(mul(kept, cell), mul(entering, proposed));
    const shown = f(limited(seen(part(gates, 1, size), next, 1), how.clip));
    return [mul(shown, h(next)), next];
  });
  return { ...result, cell: result.state[1] };
}
