import { expect, it } from 'vitest';
import { ranked, type Measures } from './ranking.ts';

interface Drawing extends Measures {
  readonly name: string;
}

/** A drawing that is well placed, fits the text as others do, and has a face, but for what is said. */
function drawing(name: string, { score = 1, gain = 0.05, plausibility = -0.1, faceness = 0 } = {}): Drawing {
  const alignment = { coverage: 0.4, connected: 1, offset: 0, cut: 0, score };
  return { name, alignment, agreement: { gain, plausibility }, faceness };
}

const namesOf = (drawings: readonly Drawing[]) => ranked(drawings).map(({ name }) => name);

it.each([
  ['a face', { faceness: -3 }],
  ['a place in the middle', { score: 0.2 }],
  ['what the text asks for', { gain: 0.02 }],
  ['being plausible', { plausibility: -0.2 }],
])('of two drawings the one that lacks %s comes last', (_, lack) => {
  expect(namesOf([drawing('bad', lack), drawing('good')])).toEqual(['good', 'bad']);
});

it('a face that is less of one counts less than a text that is missed', () => {
  const drawings = [drawing('blurred', { faceness: -0.5 }), drawing('other', { gain: 0.03 })];
  expect(namesOf(drawings)).toEqual(['blurred', 'other']);
});

it('what is equal in everything stays in its order, and one alone has a score', () => {
  expect(namesOf(['a', 'b', 'c'].map((name) => drawing(name)))).toEqual(['a', 'b', 'c']);
  expect(ranked([drawing('alone')])[0].score).toBe(4);
});
