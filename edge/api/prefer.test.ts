import { describe, expect, it } from 'vitest';
import { preferredWait, WAIT_LIMIT_S } from './prefer.ts';

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['wait="7"; x=1', 7],
    [' WAIT = 3 ', 3],
    ['wait=0', 0],
    ['wait=9999', WAIT_LIMIT_S],
  ])('%s is honoured', (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds);
  });

  it.each([[undefined], [''], ['wait'], ['wait=-1'], ['wait=soon'], ['return=minimal']])(
    '%s is no wait',
    (header) => {
      expect(preferredWait(header)).toBe(null);
    },
  );
});
