import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const exists = (path: string) => existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));

/** The rows of the table below "Faults and tests" in docs/reliability.md. */
const ROWS = /\n## Faults and tests\n(.*?)\n## /s
  .exec(read('docs/reliability.md'))![1]!
  .split('\n')
  .filter((line) => /^\| (?!fault|-)/.test(line) && line.split('|').length === 5)
  .map((line) => {
    const [, fault, , shownBy] = line.split('|').map((cell) => cell.trim());
    const tests = [...shownBy!.matchAll(/`([^`]+\.test\.ts)`: ([^;]+)/g)].map(([, file, title]) => ({
      file: file!,
      title: title!.trim(),
    }));
    return { fault: fault!, shownBy: shownBy!, tests };
  });

/** Faults that the service is promised to bear; each has its row. */
const FAULTS = [
  /SIGKILL of workerd/,
  /SIGKILL of the stage server/,
  /both at once/,
  /eviction/,
  /alarm that comes twice, early or late/,
  /lost callback/,
  /doubled, late or reordered callback/,
  /forged callback/,
  /R2 fails/,
  /ledger races/,
  /clock skew/,
  /cancel, three times/,
  /cancel against completion/,
  /webhook delivered twice/,
  /deploy with running jobs/,
];

describe('the table of faults and tests', () => {
  it('has a row for every fault that must be borne', () => {
    for (const fault of FAULTS)
      expect(
        ROWS.filter((row) => fault.test(row.fault)),
        String(fault),
      ).toHaveLength(1);
  });

  it.each(ROWS.map((row) => [row.fault, row] as const))('%s is shown by tests that there are', (_, row) => {
    expect(row.tests.length, row.shownBy).toBeGreaterThan(0);
    for (const { file, title } of row.tests) {
      expect(exists(file), file).toBe(true);
      // Titles are written in code over one or more lines.
      const titles = read(file)
        .split('\n')
        .filter((line) => /^\s*(?:(?:it|test)\b|'|`|[\])]+\()/.test(line));
      expect(
        titles.some((line) => line.includes(title)),
        `${file} has no test “${title}”`,
      ).toBe(true);
    }
  });
});
