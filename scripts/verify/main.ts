/** `npm run -s verify`: whether files are marked as made by AI, and are those that their manifest names. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { keySetSchema, verifyFiles, type KeySet } from './verify.ts';

const USAGE = `Usage: npm run -s verify -- FILE|DIR [--keys URL|FILE]
Looks for the mark in each file, and holds it against the provenance.json beside it. With --keys
(https://HOST/.well-known/provenance-keys.json of the service that is said to have made them, or a file of it) the signature too.
Ends with 1 where anything is not as it should be.`;

const MANIFEST = 'provenance.json';
/** What lies beside the files and is none of them. */
const BESIDE = new Set([MANIFEST, 'portrait.json']);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { keys: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help || positionals.length !== 1) {
    console.error(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const path = positionals[0]!;
  const isFolder = statSync(path).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const names = isFolder
    ? readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !BESIDE.has(entry.name))
        .map(({ name }) => name)
        .toSorted()
    : [basename(path)];
  const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  const findings = await verifyFiles(
    files,
    manifestIn(folder),
    values.keys ? await keySet(values.keys) : null,
  );
  for (const { what, found, wrong } of findings) console.log(`${wrong ? '✗' : '✓'} ${what}: ${found}`);
  process.exitCode = findings.some(({ wrong }) => wrong) ? 1 : 0;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

function manifestIn(folder: string): string | null {
  try {
    return readFileSync(join(folder, MANIFEST), 'utf8');
  } catch {
    return null;
  }
}

async function keySet(from: string): Promise<KeySet> {
  const text = /^https?:/.test(from) ? await fetched(from) : readFileSync(from, 'utf8');
  const keys = keySetSchema().safeParse(JSON.parse(text));
  if (!keys.success) throw new Error(`${from} holds no keys: name the provenance-keys.json of the service.`);
  return keys.data;
}

async function fetched(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answered HTTP ${response.status}.`);
  return response.text();
}
