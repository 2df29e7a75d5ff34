import { compile, openSession, Value, type HostTensor } from '../../gpu-functions/graph/index.ts';
import { relativeError, TOLERANCE, type Check, type Skip, type Vectors } from './vectors.ts';

/** What a run found, over all files. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** More inputs than this are counted instead of named. */
const MANY = 40;

/** One line a vector: verdict, name, error. */
export type Print = (line: string) => void;

/**
 * Evaluate the checks and print one line for every array of the file: compared, skipped with its reason, or read as input or weight.
 * An array that is none of these counts as a failure: nothing recorded is passed over in silence.
 */
export async function report(
  file: string,
  vectors: Vectors,
  checks: Check[],
  skips: Skip[],
  print: Print,
): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  const results = await evaluated(vectors, checks);
  const seen = new Set<string>();
  for (const { name, kind, found } of checks) {
    seen.add(name);
    const tensor: HostTensor = found instanceof Value ? results[`found ${name}`] : found;
    const error = relativeError(tensor, vectors.recorded(name));
    const good = error <= TOLERANCE[kind];
    totals[good ? 'passed' : 'failed']++;
    print(
      `${good ? 'ok  ' : 'FAIL'} ${file} ${name} ${error.toExponential(1)} (≤ ${TOLERANCE[kind].toExponential(0)})`,
    );
  }
  for (const { name, reason } of skips) {
    seen.add(name);
    totals.skipped++;
    print(`skip ${file} ${name}: ${reason}`);
  }
  const inputs = vectors.names.filter((name) => !seen.has(name) && vectors.used.has(name));
  if (inputs.length > 0) {
    const names = inputs.length <= MANY ? inputs.join(' ') : `${inputs.length} arrays`;
    print(`used ${file} as inputs and weights: ${names}`);
  }
  for (const name of vectors.names.filter((n) => !seen.has(n) && !vectors.used.has(n))) {
    totals.failed++;
    print(`FAIL ${file} ${name}: recorded, but neither compared nor read`);
  }
  return totals;
}

/** All values of the checks, from one run over the recorded inputs. */
async function evaluated(vectors: Vectors, checks: Check[]): Promise<Record<string, HostTensor>> {
  const values = checks.flatMap(({ name, found }) =>
    found instanceof Value ? [[`found ${name}`, found] as const] : [],
  );
  if (values.length === 0) return {};
  const model = compile(Object.fromEntries(values));
  const session = await openSession(model, { inline: true });
  try {
    return await session.run(Object.fromEntries(model.inputs.map(({ name }) => [name, vectors.feed(name)])));
  } finally {
    await session.close();
  }
}

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Names that match, as skips. */
export function skipMatching(vectors: Vectors, pattern: RegExp, reason: string): Skip[] {
  return vectors.names.filter((name) => pattern.test(name)).map((name) => ({ name, reason }));
}
