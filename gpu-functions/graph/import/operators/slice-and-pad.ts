import type { Importing, Importers } from '../importing.ts';
import { slicedRanges } from '../ranges.ts';
import { pad as padConstant, padBorder, type Border } from '../../ops/pad.ts';
import * as s from '../../ops/shape.ts';
import { normaliseAxis, type Value } from '../../value.ts';

function slice(node: Importing): Value {
  const { x } = node;
  const ranges = slicedRanges(node);
  const turned = ranges.filter((t) => t.step < 0).map((t) => t.axis);
  // Going backwards is going forwards through the axis turned round.
  const forward = ranges.map(({ axis, start, end, step }) => {
    if (step > 0) return { axis, start, end, step };
    const last = x.shape[axis] - 1;
    return { axis, start: last - start, end: last - end, step: -step };
  });
  return s.sliceAxes(
    s.flip(x, turned),
    forward.map((t) => t.axis),
    forward.map((t) => t.start),
    forward.map((t) => Math.max(t.start, t.end)),
    forward.map((t) => t.step),
  );
}

function pad(node: Importing): Value {
  const { x } = node;
  const axes = (node.list(3) ?? [...x.shape.keys()]).map((a) => normaliseAxis(a, x.shape.length, 'Pad'));
  const pads = node.list(1) ?? node.refuse('it lacks its pads');
  if (pads.length !== 2 * axes.length) node.refuse('its pads do not fit its axes');
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
  const before = begins.map((p) => Math.max(0, p));
  const after = ends.map((p) => Math.max(0, p));
  const mode = node.string('mode', 'constant');
  if (mode === 'constant') return padConstant(cropped, before, after, valueOf(node) ?? 0);
  if (mode !== 'reflect' && mode !== 'edge' && mode !== 'wrap')
    node.refuse(`its mode '${mode}' is not known`);
  return padBorder(cropped, before, after, mode as Border);
}

/** What fills constant padding: a number, or a value the model computes. */
function valueOf(node: Importing): Value | number | undefined {
  const value = node.inputs[2];
  if (!value || !node.known(2) || value.node.name !== undefined) return value && s.reshape(value, []);
  return node.number(2);
}

/** What cuts from tensors and puts borders around them. */
export const sliceAndPad: Importers = { Slice: slice, Pad: pad };
