import { importers } from '../../gpu-functions/graph/import/importers.ts';
import type { OperatorCase } from './case.ts';
import { families } from './index.ts';

/** Operators of integers, truth values and shapes, with nothing to be differentiated; and one that ONNX Runtime has on CUDA only. */
const WITHOUT_FORMS: ReadonlySet<string> = new Set(
  'Constant ConstantOfShape Shape Size Range And Or Not Xor CastLike BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitShift com.microsoft.BiasAdd'.split(
    ' ',
  ),
);

const mark = (yes: boolean): string => (yes ? 'yes' : '–');

function row(op: string, forms: readonly OperatorCase[]): string {
  const names = [...new Set(forms.map((f) => f.form).filter((f) => f !== ''))];
  const gradient = forms.some((f) => f.gradient ?? true);
  const second = forms.some((f) => f.second);
  return `| ${op} | ${mark(gradient)} | ${mark(second)} | ${names.join('; ').replaceAll('|', '\\|') || 'plain'} |`;
}

/** The operators that the importer knows and no form compares; there should be none but those above. */
export function uncompared(): string[] {
  const compared = new Set(Object.values(families).flatMap((cases) => cases.map((c) => c.op)));
  return Object.keys(importers).filter((op) => !compared.has(op) && !WITHOUT_FORMS.has(op));
}

/** The table of docs/gradient-engine.md. */
export function operatorTable(): string {
  const parts = Object.entries(families).map(([family, cases]) => {
    const ops = [...new Set(cases.map((c) => c.op))].toSorted();
    const rows = ops.map((op) => row(op, cases.filter((c) => c.op === op))); // prettier-ignore
    return [
      `**${family}**`,
      '',
      '| operator | gradient compared | second derivative compared | forms |',
      '|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
  });
  const rest = [...WITHOUT_FORMS].filter((op) => Object.hasOwn(importers, op)).toSorted();
  return `${parts.join('\n')}\nImported, but not compared form by form (nothing to be differentiated, or not on the CPU): ${rest.join(', ')}.\n`;
}

const [BEGIN, END] = ['<!-- operators: written by `npm run operators` -->\n', '<!-- /operators -->\n'];

/** A page with the table in its place. @throws Error where the page has no place for it */
export function withTable(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page needs the lines ${BEGIN.trim()} and ${END.trim()}`);
  return `${page.slice(0, from + BEGIN.length)}\n${operatorTable()}\n${page.slice(to)}`;
}
