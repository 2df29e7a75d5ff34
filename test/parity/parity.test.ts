import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareFolder } from './main.ts';

const folder = resolve(process.env.PARITY_DIR ?? join(import.meta.dirname, '../../../shared/parity'));
const missing = existsSync(folder) ? '' : ` (skipped: no vectors at ${folder}; set PARITY_DIR)`;

describe.skipIf(missing)(`parity with recorded vectors${missing}`, () => {
  it.each(['.', 'small'])(
    '%s agrees within tolerance, every vector compared or skipped by name',
    { timeout: 180_000 },
    async (inner) => {
      const lines: string[] = [];
      const totals = await compareFolder(join(folder, inner), (line) => lines.push(line));
      expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
      expect(totals.passed).toBeGreaterThan(40);
    },
  );
});
