import { GraphError, hostTensor, sizeOf, type Shape, listOf } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import { expand } from './shape.ts';
import { mul } from './elementwise.ts';
import { matmul } from './linear.ts';
import { sum } from './reduce.ts';
import { reshape, transpose } from './shape.ts';

/** A tensor whose axes have names, each once. */
interface Term {
  readonly value: Value;
  readonly labels: readonly string[];
}

interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/** The labels of a term; an ellipsis stands for as many axes as are left, counted from their end. */
function labelsOf(term: string, rank: number, equation: string): string[] {
  const [before, after, ...more] = term.split('...');
  const named = before.length + (after?.length ?? 0);
  if (more.length > 0 || !/^[A-Za-z]*$/.test(before + (after ?? ''))) {
    throw new GraphError(`einsum: '${equation}' has the malformed term '${term}'`);
  }
  if (after === undefined) return [...before];
  const dots = Array.from({ length: Math.max(0, rank - named) }, (_, i) => `.${rank - named - i}`);
  return [...before, ...dots, ...after];
}

function parse(equation: string, ranks: readonly number[]): Equation {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== ranks.length) {
    throw new GraphError(`einsum: '${equation}' for ${ranks.length} operands`);
  }
  const operands = terms.map((term, i) => labelsOf(term, ranks[i], equation));
  for (const [i, labels] of operands.entries()) {
    if (labels.length !== ranks[i]) {
      throw new GraphError(`einsum: '${terms[i]}' of '${equation}' for an operand of ${ranks[i]} axes`);
    }
  }
  const all = operands.flat();
  const dots = [...new Set(all.filter((l) => l.startsWith('.')))].toSorted(
    (a, b) => Number(b.slice(1)) - Number(a.slice(1)),
  );
  if (right === undefined) {
    const once = all.filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l));
    return { operands, result: [...dots, ...once.toSorted()] };
  }
  const result = right.includes('...')
    ? labelsOf(right, right.replace('...', '').length + dots.length, equation)
    : [...right];
  if (result.some((l, i) => !all.includes(l) || result.indexOf(l) !== i)) {
    throw new GraphError(
      `einsum: the result of '${equation}' names an axis twice, or one that no operand has`,
    );
  }
  return { operands, result };
}

/** Repeated labels are a diagonal: all else is masked away and summed. */
function diagonal({ value, labels }: Term): Term {
  const at = labels.findIndex((l, i) => labels.indexOf(l) !== i);
  if (at < 0) return { value, labels };
  const first = labels.indexOf(labels[at]);
  const n = value.shape[at];
  const eye = listOf(n * n, (i) => (Math.floor(i / n) === i % n ? 1 : 0));
  const shape = value.shape.map((_, i) => (i === at || i === first ? n : 1));
  const mask = constant(hostTensor(eye, shape, value.dtype));
  return diagonal({ value: sum(mul(value, mask), [at]), labels: labels.toSpliced(at, 1) });
}

/** Sum over the axes that nothing else names. */
function withoutUnneeded({ value, labels }: Term, needed: ReadonlySet<string>): Term {
  const over = labels.flatMap((l, i) => (needed.has(l) ? [] : [i]));
  return over.length === 0
    ? { value, labels }
    : { value: sum(value, over), labels: labels.filter((l) => needed.has(l)) };
}

/** The axes in the given order; those that a term lacks have length 1. */
function arranged({ value, labels }: Term, order: readonly string[]): Value {
  const present = order.filter((l) => labels.includes(l));
  const moved = transpose(
    value,
    present.map((l) => labels.indexOf(l)),
  );
  let next = 0;
  return reshape(
    moved,
    order.map((l) => (labels.includes(l) ? moved.shape[next++] : 1)),
  );
}

/** One product of two terms: what both share and is not needed after is summed by a batched matrix product. */
function contract(a: Term, b: Term, needed: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Term {
  const [left, right] = [
    withoutUnneeded(a, new Set([...needed, ...b.labels])),
    withoutUnneeded(b, new Set([...needed, ...a.labels])),
  ];
  const shared = left.labels.filter((l) => right.labels.includes(l));
  const summed = shared.filter((l) => !needed.has(l));
  const batch = shared.filter((l) => needed.has(l));
  const rows = left.labels.filter((l) => !shared.includes(l));
  const columns = right.labels.filter((l) => !shared.includes(l));
  if (summed.length === 0) {
    const order = [...batch, ...rows, ...columns];
    return { value: mul(arranged(left, order), arranged(right, order)), labels: order };
  }
  const lengths = (labels: readonly string[]): Shape => labels.map((l) => sizes.get(l)!);
  const [m, k, n] = [rows, summed, columns].map((labels) => sizeOf(lengths(labels)));
  const whole = (term: Term, order: readonly string[]): Value => {
    const moved = arranged(term, order);
    // Where one operand has length 1 and the other more, it broadcasts.
    return expand(moved, lengths(order));
  };
  const product = matmul(
    reshape(whole(left, [...batch, ...rows, ...summed]), [sizeOf(lengths(batch)), m, k]),
    reshape(whole(right, [...batch, ...summed, ...columns]), [sizeOf(lengths(batch)), k, n]),
  );
  const labels = [...batch, ...rows, ...columns];
  return { value: reshape(product, lengths(labels)), labels };
}

/** Einstein summation: 'ij,jk->ik', with ellipses, diagonals, and any number of operands (contracted from the left). */
export function einsum(equation: string, operands: readonly Value[]): Value {
  const parsed = parse(
    equation,
    operands.map((v) => v.shape.length),
  );
  const sizes = new Map<string, number>();
  for (const [i, labels] of parsed.operands.entries()) {
    for (const [axis, label] of labels.entries()) {
      const d = operands[i].shape[axis];
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && d !== 1 && known !== d) {
        throw new GraphError(`einsum: '${label}' of '${equation}' has the lengths ${known} and ${d}`);
      }
      sizes.set(label, Math.max(known, d));
    }
  }
  const terms = operands.map((value, i) => diagonal({ value, labels: parsed.operands[i] }));
  let product = terms[0];
  for (const [i, term] of terms.entries()) {
    if (i === 0) continue;
    const needed = new Set([...parsed.result, ...terms.slice(i + 1).flatMap((t) => t.labels)]);
    product = contract(product, term, needed, sizes);
  }
  const rest = withoutUnneeded(product, new Set(parsed.result));
  return transpose(
    rest.value,
    parsed.result.map((l) => rest.labels.indexOf(l)),
  );
}
