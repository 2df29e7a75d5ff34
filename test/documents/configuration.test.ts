import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(ROOT + path, 'utf8');

/** Names of settings in the tables of docs/configuration.md. */
const documented = new Set(
  read('docs/configuration.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name!)),
);

/** The settings that the worker's type and the programs' own code name. */
const known = new Set([
  ...[...read('edge/env.ts').matchAll(/^ {2}([A-Z][A-Z0-9_]+)\??: string;/gm)].map(([, name]) => name!),
  ...globSync('{gpu-functions,scripts}/**/*.ts', { cwd: ROOT })
    .filter((path) => !path.includes('test'))
    .flatMap((path) => [...read(path).matchAll(/env(?:\.|\[')([A-Z][A-Z0-9]+_[A-Z0-9_]+)/g)])
    .map(([, name]) => name!),
]);

/** What the programs tell their own children. */
const INTERNAL = new Set([
  'STAGE_PROFILE',
  'STAGE_PROVIDER',
  'STAGE_THREADS',
  'STAGE_SESSION_MIB',
  'STAGE_WARM',
]);

it('every setting that is read is documented, in one place', () => {
  expect(known.size).toBeGreaterThan(30);
  expect([...known].filter((name) => !documented.has(name) && !INTERNAL.has(name))).toEqual([]);
});

it('no setting is documented that nobody reads', () => {
  const sources = globSync('{edge,gpu-functions,scripts,test}/**/*.{ts,py}', { cwd: ROOT })
    .filter((path) => !path.startsWith('test/documents'))
    .map(read)
    .join('\n');
  expect([...documented].filter((name) => !sources.includes(name))).toEqual([]);
});
