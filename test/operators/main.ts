import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { withTable } from './table.ts';

/** Write the table of operators into the documentation. */
const page = resolve(import.meta.dirname, '../../docs/gradient-engine.md');
writeFileSync(page, withTable(readFileSync(page, 'utf8')));
