import { normaliseAxis } from '../value.ts';
import type { Importing } from './importing.ts';

/** Bounds and step of one axis of a Slice, brought within the axis; going down, an end of −1 is before the first element. */
export interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The ranges of an ONNX Slice (inputs starts, ends, axes, steps). */
export function slicedRanges(node: Importing): Range[] {
  const { shape } = node.x;
  const [starts, ends] = [node.list(1), node.list(2)];
  if (!starts || !ends) return node.refuse('it lacks its bounds');
  const axes = (node.list(3) ?? [...starts.keys()]).map((a) => normaliseAxis(a, shape.length, 'Slice'));
  const steps = node.list(4) ?? starts.map(() => 1);
  const lengths = [ends, axes, steps].map((list) => list.length);
  if (lengths.some((n) => n !== starts.length) || new Set(axes).size !== axes.length || steps.includes(0)) {
    node.refuse('its starts, ends, axes and steps do not fit together');
  }
  return axes.map((axis, i) => {
    const n = shape[axis];
    const step = steps[i];
    const [lo, hi] = step > 0 ? [0, n] : [-1, n - 1];
    const within = (v: number): number => Math.min(Math.max(v < 0 ? v + n : v, lo), hi);
    // Going down may not begin before the first element.
    const start = step > 0 ? within(starts[i]) : Math.max(within(starts[i]), Math.min(0, n - 1));
    return { axis, start, end: within(ends[i]), step };
  });
}
