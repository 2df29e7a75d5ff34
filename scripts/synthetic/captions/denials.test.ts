import { expect, test } from 'vitest';
import { sampleAttributes } from '../people/attributes.ts';
import { random } from '../random.ts';
import { DENIED, JEWELLERY } from '../words/denials.ts';
import { denial } from './denials.ts';
import type { Key } from './mentions.ts';

const NEGATED = /\b(no|not|without|never|lacking|minus|free|neither|zero|\w+n't)\b/;
const next = random(1, 'denials');
const plain = { ...sampleAttributes(random(1, 'attributes')), earrings: 'none', necklace: 'none' } as const;
const denials = (none: readonly Key[]) =>
  Array.from({ length: 300 }, () => denial(next, plain, none, ['has', 'is', 'clause'])).filter(
    (one) => one !== null,
  );

test('each thing that a denial says is named behind a negation', () => {
  for (const { text, says } of denials(['beard', 'glasses', 'headwear'])) {
    expect(text).toMatch(NEGATED);
    expect(text).not.toMatch(/\{[nm]\}|\{nor\}|undefined/);
    for (const key of says as readonly ('beard' | 'glasses' | 'headwear')[])
      expect(DENIED[key].some((name) => text.includes(name.replace(/^an? /, '')))).toBe(true);
  }
});

test('several things are denied by one word, and one word denies earrings and necklace', () => {
  const all = denials(['glasses', 'headwear']);
  expect(
    all.filter(({ text, says }) => says.length === 2 && text.match(/without/g)?.length === 1).length,
  ).toBeGreaterThan(3);
  const jewels = denials(['earrings']).filter(({ text }) => JEWELLERY.some((word) => text.includes(word)));
  expect(jewels.length).toBeGreaterThan(3);
  for (const { says } of jewels) expect(says).toEqual(['earrings', 'necklace']);
});

test('a beard is not said to be not worn, and nothing is denied of which there is some', () => {
  for (const { text } of denials(['beard'])) expect(text).not.toMatch(/wear/);
  expect(denials([])).toEqual([]);
});
