import { expect, it } from 'vitest';
import { parseTraceparent } from './trace.ts';

it('a traceparent is read as W3C Trace Context has it', () => {
  const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
  expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual({ traceId: trace, parentSpanId: span });
  for (const header of [
    undefined,
    '',
    '00-0-0-0',
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
  ])
    expect(parseTraceparent(header)).toBe(null);
});
