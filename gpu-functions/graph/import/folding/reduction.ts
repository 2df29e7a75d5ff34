import { isFloat, sizeOf, type HostTensor } from '../../tensor.ts';
import { normaliseAxis } from '../../value.ts';
import { build, elementAt, placesIn, stored, stridesOf, type Element } from './elements.ts';
import type { Folder, Folders } from './fold.ts';

const add = (a: Element, b: Element): Element =>
  typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b);
const multiply = (a: Element, b: Element): Element =>
  typeof a === 'bigint' && typeof b === 'bigint' ? a * b : Number(a) * Number(b);

/** The elements that are reduced to element i of the result, of an operator with its axes in input 1. */
function reduction(f: (elements: Element[], x: HostTensor) => Element): Folder {
  return (node, [x]) => {
    const rank = x!.shape.length;
    const given = node.list(1);
    if (!given?.length && node.int('noop_with_empty_axes', 0) === 1) return x;
    const axes = (given?.length ? given : [...x!.shape.keys()]).map((a) => normaliseAxis(a, rank, node.op));
    const kept = x!.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    const groups: Element[][] = Array.from({ length: sizeOf(kept) }, () => []);
    const [place, strides] = [placesIn(x!.shape), stridesOf(kept)];
    for (let i = 0; i < x!.data.length; i++) {
      const group = place(i).reduce((sum, p, a) => sum + (axes.includes(a) ? 0 : p * strides[a]), 0);
      groups[group].push(elementAt(x!, i));
    }
    if (groups.some((g) => g.length === 0) && !['ReduceSum', 'ReduceProd'].includes(node.op))
      return undefined;
    const keep = node.int('keepdims', 1) === 1;
    const shape = keep ? kept : x!.shape.filter((_, i) => !axes.includes(i));
    return build(x!.dtype, shape, (i) => f(groups[i], x!));
  };
}

const sum = (elements: Element[], x: HostTensor): Element => elements.reduce(add, zeroOf(x));
const zeroOf = ({ dtype }: HostTensor): Element => (dtype === 'int64' ? 0n : 0);
const oneOf = ({ dtype }: HostTensor): Element => (dtype === 'int64' ? 1n : 1);

const cumulate: Folder = (node, [x]) => {
  const axis = normaliseAxis(node.number(1) ?? 0, x!.shape.length, 'CumSum');
  const [stride, length] = [stridesOf(x!.shape)[axis], x!.shape[axis]];
  const [exclusive, reverse] = [node.int('exclusive', 0) === 1, node.int('reverse', 0) === 1];
  const result = build(x!.dtype, x!.shape, () => 0);
  if (!result) return undefined;
  for (let i = 0; i < x!.data.length; i++) {
    if (Math.floor(i / stride) % length !== 0) continue;
    let total = zeroOf(x!);
    for (let k = 0; k < length; k++) {
      const at = i + (reverse ? length - 1 - k : k) * stride;
      const next = add(total, elementAt(x!, at));
      result.data[at] = stored(exclusive ? total : next, x!.dtype) as never;
      total = next;
    }
  }
  return result;
};

/** Sums and extremes. */
export const reductionFolders: Folders = {
  ReduceSum: reduction(sum),
  ReduceProd: reduction((elements, x) => elements.reduce(multiply, oneOf(x))),
  ReduceMax: reduction((elements) => elements.reduce((a, b) => (b > a ? b : a))),
  ReduceMin: reduction((elements) => elements.reduce((a, b) => (b < a ? b : a))),
  ReduceMean: reduction((elements, x) => {
    const total = sum(elements, x);
    return typeof total === 'bigint' ? total / BigInt(elements.length) : mean(total, elements.length, x);
  }),
  CumSum: cumulate,
};

const mean = (total: number, n: number, { dtype }: HostTensor): number =>
  isFloat(dtype) ? total / n : Math.trunc(total / n);
