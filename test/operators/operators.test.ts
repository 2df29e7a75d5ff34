import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareOperator } from './compare.ts';
import { families } from './index.ts';
import { uncompared, withTable } from './table.ts';

describe.each(Object.entries(families))('%s', (_, cases) => {
  it.each(cases.map((c) => [`${c.op} ${c.form}`.trim(), c] as const))('%s', async (__, form) => {
    const { forward, first = 0, second = 0 } = await compareOperator(form);
    expect(forward, 'value').toBeLessThan(2e-5);
    expect(first, 'gradient').toBeLessThan(5e-4);
    expect(second, 'second derivative').toBeLessThan(1e-3);
  });
});

describe('the table of operators', () => {
  it('is that of the documentation; `npm run operators` writes it', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/gradient-engine.md'), 'utf8');
    expect(withTable(page)).toBe(page);
  });

  it('leaves out no operator that is imported', () => {
    expect(uncompared()).toEqual([]);
  });
});
