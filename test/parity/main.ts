import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { opChecks } from './ops.ts';
import { addTotals, report, type Print, type Totals } from './report.ts';
import { smallReport } from './small.ts';
import { tinyChecks } from './tiny.ts';
import { Vectors } from './vectors.ts';

/**
 * Compare with recorded vectors: a folder with ops.npz and tiny.npz, or one with manifest.json, state.npz and io.npz.
 * @throws Error where the folder is neither
 */
export async function compareFolder(folder: string, print: Print): Promise<Totals> {
  let totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  const files = { 'ops.npz': opChecks, 'tiny.npz': tinyChecks };
  let found = false;
  for (const [file, checksOf] of Object.entries(files)) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    found = true;
    const vectors = new Vectors(path);
    const { checks, skips } = checksOf(vectors);
    totals = addTotals(totals, await report(file, vectors, checks, skips, print));
  }
  if (existsSync(join(folder, 'manifest.json'))) {
    found = true;
    totals = addTotals(totals, await smallReport(folder, print));
  }
  if (!found) {
    throw new Error(
      `${folder} holds no vectors: give a folder with ops.npz and tiny.npz, or with manifest.json, state.npz and io.npz.`,
    );
  }
  return totals;
}

async function main(folder: string | undefined): Promise<number> {
  if (!folder) {
    console.error('usage: npm run -s parity -- DIR');
    return 2;
  }
  const { passed, failed, skipped } = await compareFolder(resolve(folder), console.log);
  console.log(`${passed} within tolerance, ${failed} out of tolerance, ${skipped} skipped`);
  return failed > 0 ? 1 : 0;
}

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await main(process.argv[2]).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  });
}
