import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importsOf } from './imports.ts';
import { violation } from './rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = globSync('{shared,edge,gpu-functions,scripts,test}/**/*.ts', { cwd: root });
const violations = files
  .toSorted()
  .flatMap((file) => importsOf(file, readFileSync(`${root}${file}`, 'utf8')))
  .flatMap((found) => violation(found) ?? []);

for (const message of violations) console.error(message);
if (violations.length > 0) {
  console.error(`${violations.length} imports cross a boundary (docs/architecture.md, "Who imports whom").`);
  process.exitCode = 1;
}
