import { expect, it } from 'vitest';
import { DEFAULT_URGENCY, urgencyOf } from './priority.ts';

it.each([
  ['u=0', 0],
  ['u=7', 7],
  ['i, u=5', 5],
  ['u=1;x=2, i', 1],
])('Priority: %s is heeded', (header, urgency) => {
  expect(urgencyOf(header)).toBe(urgency);
});

it.each([[undefined], [''], ['u=8'], ['u=-1'], ['u=12'], ['urgent'], ['su=1']])(
  '%s says nothing',
  (header) => {
    expect(urgencyOf(header)).toBe(DEFAULT_URGENCY);
  },
);
