import type { Importing, Importers } from '../importing.ts';
import { resize2d } from '../../ops/resample.ts';
import { elementOf } from '../../tensor.ts';
import type { Value } from '../../value.ts';

function resize(node: Importing): Value {
  const { x } = node;
  const sizes = node.list(3);
  const scales = node.inputs[2]?.node.tensor;
  const size = x.shape.map((d, i) => sizes?.[i] ?? Math.floor(d * (scales ? elementOf(scales, i) : 1)));
  if (x.shape.length !== 4 || size[0] !== x.shape[0] || size[1] !== x.shape[1])
    node.refuse('only images are resized');
  if (node.int('antialias', 0) === 1) node.refuse('antialiasing is not known');
  const to: [number, number] = [size[2], size[3]];
  const coordinates = node.string('coordinate_transformation_mode', 'half_pixel');
  const mode = node.string('mode', 'nearest');
  const whole = to[0] % x.shape[2] === 0 && to[1] % x.shape[3] === 0;
  const rounding = node.string('nearest_mode', 'round_prefer_floor');
  if (mode === 'nearest' && whole && (coordinates !== 'asymmetric' || rounding === 'floor')) {
    return resize2d(x, to, { mode: 'nearest' });
  }
  const centred =
    coordinates === 'half_pixel' || (coordinates === 'pytorch_half_pixel' && Math.min(...to) > 1);
  if (mode === 'linear' && centred) return resize2d(x, to, { mode: 'linear' });
  return node.refuse(`${mode} resizing with ${coordinates} coordinates (${rounding}) is not known`);
}

/** Resampling. */
export const resizing: Importers = { Resize: resize };
