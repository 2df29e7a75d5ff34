import {
  add,
  constant,
  expand,
  float32,
  hostTensor,
  matmul,
  mul,
  reshape,
  softmax,
  transposeLast,
} from '../graph/index.ts';
import type { HostTensor, Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { multiHeadAttention } from './attention.ts';
import { layerNorm, linear } from './layers.ts';

/** One thing that a text can say of a person ("hairColour"), with the values it may take. */
export interface Slot {
  readonly name: string;
  readonly values: readonly string[];
  /** What a prompt means that does not say it: the first that holds. */
  readonly implied?: readonly Implied[];
}

/** What goes without saying: nobody mentions the hat that a person does not wear. */
export interface Implied {
  /** Values of other slots of which the prompt says one each; without it, whatever is said. */
  readonly when?: Readonly<Record<string, readonly string[]>>;
  /** Values that are equally likely; none where the slot stays unsaid. */
  readonly values: readonly string[];
}

/** Columns of a slot: first that the text does not say it, then its values. */
const columnsOf = (slot: Slot): number => slot.values.length + 1;

/** Columns of all slots side by side. */
export function slotColumns(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + columnsOf(slot), 0);
}

/** The column of each slot that says "unsaid"; a slot's values follow it. */
export function slotOffsets(slots: readonly Slot[]): number[] {
  const offsets: number[] = [];
  slots.reduce((offset, slot) => {
    offsets.push(offset);
    return offset + columnsOf(slot);
  }, 0);
  return offsets;
}

/**
 * What a denoiser sees of slots: each row the probabilities of one slot's values in that slot's own columns, all times √S, so that
 * their mean over the S rows keeps a norm of about one.
 * @param rows one list of probabilities a slot: of "unsaid", then of its values
 * @returns [S, columns], flat
 */
export function slotStates(slots: readonly Slot[], rows: readonly (readonly number[])[]): Float32Array {
  const columns = slotColumns(slots);
  const offsets = slotOffsets(slots);
  const scale = Math.sqrt(slots.length);
  const states = new Float32Array(slots.length * columns);
  rows.forEach((row, s) => row.forEach((p, k) => (states[s * columns + offsets[s] + k] = p * scale)));
  return states;
}

/** The probabilities that {@link slotStates} were made of: one row a slot, of "unsaid" and its values. @param states [1, S, columns] */
export function slotProbabilities(slots: readonly Slot[], states: HostTensor): number[][] {
  const columns = slotColumns(slots);
  const data = float32(states);
  return slotOffsets(slots).map((offset, s) => {
    const own = data.subarray(s * columns + offset, s * columns + offset + columnsOf(slots[s]));
    return Array.from(own, (x) => x / Math.sqrt(slots.length));
  });
}

/**
 * States of a prompt in which what is left unsaid has the slot's implied values. Only for what is asked for: a negative prompt implies nothing.
 * @param states [1, S, columns]
 */
export function withImplied(slots: readonly Slot[], states: HostTensor): HostTensor {
  const rows = slotProbabilities(slots, states);
  const filled = rows.map((row, s): readonly number[] => {
    const { values, implied = [] } = slots[s];
    const meant = implied.find(({ when = {} }) => isSaid(slots, rows, when))?.values ?? [];
    if (meant.length === 0) return row;
    const share = row[0] / meant.length;
    return row.map((p, k) => (k === 0 ? 0 : meant.includes(values[k - 1]) ? p + share : p));
  });
  return hostTensor(slotStates(slots, filled), states.shape);
}

/** Whether a text more likely than not says one of the values of each of these slots. */
function isSaid(
  slots: readonly Slot[],
  rows: readonly (readonly number[])[],
  when: NonNullable<Implied['when']>,
): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const s = slots.findIndex((slot) => slot.name === name);
    return wanted.reduce((sum, value) => sum + rows[s][1 + slots[s].values.indexOf(value)], 0) > 0.5;
  });
}

/** −10⁹ where a row's slot has no column. */
function foreignColumns(slots: readonly Slot[]): Value {
  const columns = slotColumns(slots);
  const mask = new Float32Array(slots.length * columns).fill(-1e9);
  slotOffsets(slots).forEach((offset, s) => {
    mask.fill(0, s * columns + offset, s * columns + offset + columnsOf(slots[s]));
  });
  return constant(hostTensor(mask, [slots.length, columns]));
}

/**
 * Reads slots from a text's hidden states: a learned query a slot attends to the words (as in Perceiver and Q-Former), and its result is
 * compared with a vector a value.
 * @param hidden [N, T, C]
 * @param mask added to the attention's logits, [N, 1, 1, T]
 * @returns logits [N, S, columns], −10⁹ in other slots' columns
 */
export function slotLogits(
  p: Parameters,
  hidden: Value,
  mask: Value,
  slots: readonly Slot[],
  heads: number,
): Value {
  const [n, , width] = hidden.shape;
  const s = slots.length;
  const columns = slotColumns(slots);
  const queries = p.get('queries', [s, width], { kind: 'normal', std: 1 });
  const repeated = expand(reshape(queries, [1, s, width]), [n, s, width]);
  const key = linear(p.at('k_proj'), hidden, width);
  const value = linear(p.at('v_proj'), hidden, width);
  const found = multiHeadAttention(repeated, key, value, heads, mask);
  const read = layerNorm(
    p.at('layer_norm'),
    add(found, linear(p.at('out_proj'), found, width, { zero: true })),
  );
  const vectors = p.get('values', [columns, width], { kind: 'normal', std: 0.02 });
  const bias = p.get('bias', [columns], { kind: 'zeros' });
  const flat = matmul(reshape(read, [n * s, width]), transposeLast(vectors));
  return add(add(reshape(flat, [n, s, columns]), bias), foreignColumns(slots));
}

/** {@link slotStates} of logits. */
export function statesOfLogits(logits: Value): Value {
  return mul(softmax(logits, -1), Math.sqrt(logits.shape[1]));
}
