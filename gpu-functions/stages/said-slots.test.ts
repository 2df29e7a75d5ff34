import { expect, it } from 'vitest';
import { slotColumns, slotStates, type Slot } from '../diffusion/index.ts';
import { hostTensor } from '../graph/index.ts';
import { saidSlots } from './said-slots.ts';

const SLOTS: readonly Slot[] = [
  { name: 'view', values: ['front', 'back'] },
  { name: 'sex', values: ['female', 'male'] },
  { name: 'glasses', values: ['none', 'round', 'oval'] },
];
/** Each row: the probability that a slot is unsaid, then of its values. */
const states = (rows: number[][]) =>
  hostTensor(slotStates(SLOTS, rows), [1, SLOTS.length, slotColumns(SLOTS)]);

it('names what is said, also where the values share it', () => {
  const said = states([
    [1, 0, 0],
    [0.1, 0.1, 0.8],
    [0.1, 0, 0.45, 0.45],
  ]);
  expect(saidSlots(SLOTS, said)).toEqual(['sex', 'glasses']);
});

it('takes no view for a description', () => {
  const said = states([
    [0, 1, 0],
    [0.9, 0.05, 0.05],
    [1, 0, 0, 0],
  ]);
  expect(saidSlots(SLOTS, said)).toEqual([]);
});
