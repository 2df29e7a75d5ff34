import { foldSlice, type Range } from '../constant-folding.ts';
import { known, numberOf, type Importing, type Importers } from '../importing.ts';
import * as s from '../../ops/shape.ts';
import { normaliseAxis, type Value } from '../../value.ts';

function slice(node: Importing): Value {
  const { x } = node;
  const [starts, ends] = [node.list(1)!, node.list(2)!];
  const axes = (node.list(3) ?? [...starts.keys()]).map((a) => normaliseAxis(a, x.shape.length, 'Slice'));
  const steps = node.list(4) ?? starts.map(() => 1);
  const ranges = axes.map((axis, i): Range => {
    const n = x.shape[axis];
    const step = steps[i];
    const clip = (v: number): number => {
      const counted = v < 0 ? v + n : v;
      return step > 0 ? Math.min(Math.max(counted, 0), n) : Math.min(Math.max(counted, -1), n - 1);
    };
    return { axis, start: clip(starts[i]), end: clip(ends[i]), step };
  });
  const data = known(x);
  if (data) return foldSlice(data[0], ranges);
  const turned = ranges.filter((t) => t.step < 0);
  if (turned.some((t) => t.step !== -1 || t.start !== x.shape[t.axis] - 1 || t.end !== -1)) {
    node.refuse('it goes backwards over part of an axis');
  }
  const flipped = s.flip(
    x,
    turned.map((t) => t.axis),
  );
  const forward = ranges.filter((t) => t.step > 0);
  return s.sliceAxes(
    flipped,
    forward.map((t) => t.axis),
    forward.map((t) => t.start),
    forward.map((t) => Math.max(t.start, t.end)),
    forward.map((t) => t.step),
  );
}

function pad(node: Importing): Value {
  if (node.string('mode', 'constant') !== 'constant') node.refuse('only constant padding is known');
  const { x } = node;
  const axes = (node.list(3) ?? [...x.shape.keys()]).map((a) => normaliseAxis(a, x.shape.length, 'Pad'));
  const pads = node.list(1)!;
  const [begins, ends] = [x.shape.map(() => 0), x.shape.map(() => 0)];
  for (const [i, axis] of axes.entries()) {
    begins[axis] = pads[i];
    ends[axis] = pads[axes.length + i];
  }
  // Negative padding crops.
  const whole = [...x.shape.keys()];
  const cropped = s.sliceAxes(
    x,
    whole,
    begins.map((b) => Math.max(0, -b)),
    ends.map((n, i) => x.shape[i] - Math.max(0, -n)),
  );
  return s.pad(
    cropped,
    begins.map((p) => Math.max(0, p)),
    ends.map((p) => Math.max(0, p)),
    numberOf(node, 2) ?? 0,
  );
}

/** What cuts from tensors and puts borders around them. */
export const sliceAndPad: Importers = { Slice: slice, Pad: pad };
