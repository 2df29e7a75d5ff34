import {
  concat,
  constant,
  hostTensor,
  greaterOrEqual,
  mul,
  slice,
  where,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { GeneratorConfig } from './config.ts';
import { dense } from './styled-layers.ts';

/** Signs under a left–right flip: of the camera label, and of neck and head rotations. */
const CAMERA_FLIP = Array.from({ length: 25 }, (_, i) => ([1, 2, 3, 4, 8].includes(i) ? -1 : 1));
const POSE_FLIP = [1, -1, -1, 1, -1, -1];

/**
 * Body pose that fits a latent and a camera (GPoseBranch), made symmetric: a camera on the side of positive x is answered by the mirror
 * image of its mirror image.
 *
 * @param p parameters below `pose_branch` @param z [N, zDim] @param camera [N, 25] @returns [N, poseDim]
 */
export function bodyPose(p: Parameters, config: GeneratorConfig, z: Value, camera: Value): Value {
  // −π/2 ≤ atan2(z, x) ≤ π/2 is x ≥ 0, x and z being the camera's place.
  const left = greaterOrEqual(slice(camera, 1, 3, 4), 0);
  const flip = (x: Value, signs: readonly number[]): Value =>
    where(left, mul(x, constant(hostTensor([...signs], [1, signs.length]))), x);
  const x = concat([z, flip(camera, CAMERA_FLIP)], 1);
  const hidden = dense(p.at('net.0'), x, 128, { activation: 'leakyRelu' });
  const narrow = dense(p.at('net.1'), hidden, 32, { activation: 'leakyRelu' });
  return flip(dense(p.at('net.2'), narrow, config.poseDim), POSE_FLIP);
}
