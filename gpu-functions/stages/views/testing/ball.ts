import { SIDE_DEPTH_GAIN } from '../../../portrait/index.ts';
import { emptyPicture } from '../../picture.ts';
import { CAMERA } from '../../render/testing/bust.ts';
import { BothSides, type HiddenSide } from '../hidden-side.ts';
import { viewLabel } from '../orbit.ts';
import type { PosedPicture } from '../posed-picture.ts';
import { projectedSides } from '../projected-sides.ts';
import type { SideView } from '../side-views.ts';

const SIZE = 64;
/** Of the ball, world units. */
export const RADIUS = 0.15;
const label = viewLabel(CAMERA, 0);

/** A red ball whose hidden side is blue, in the middle of the world. */
function seenBall(): { front: PosedPicture; hidden: HiddenSide } {
  const picture = emptyPicture(SIZE, SIZE);
  const [near, far] = [new Float32Array(SIZE * SIZE), new Float32Array(SIZE * SIZE)];
  const eye = [label[3], label[7], label[11]];
  for (let i = 0; i < SIZE * SIZE; i++) {
    const [column, row] = [i % SIZE, Math.floor(i / SIZE)];
    const across = (column + 0.5 - SIZE / 2) / (label[16] * SIZE);
    const down = (row + 0.5 - SIZE / 2) / (label[20] * SIZE);
    const ray = [0, 1, 2].map((k) => label[4 * k] * across + label[4 * k + 1] * down + label[4 * k + 2]);
    // |eye + t·ray|² = RADIUS²
    const [a, b, c] = [
      ray.reduce((sum, x) => sum + x * x, 0),
      ray.reduce((sum, x, k) => sum + x * eye[k], 0),
      eye.reduce((sum, x) => sum + x * x, 0) - RADIUS ** 2,
    ];
    const root = b * b - a * c;
    // Beside the ball both are where the ray passes it, as a network would go on.
    const half = Math.sqrt(Math.max(0, root));
    near[i] = (-b - half) / a;
    far[i] = (-b + half) / a;
    if (root <= 0) continue;
    picture.data[i] = picture.data[3 * SIZE * SIZE + i] = 1;
  }
  const colours = new Float32Array(3 * SIZE * SIZE);
  colours.fill(1, 2 * SIZE * SIZE);
  const hidden = { size: SIZE, near, far, colours };
  return { front: { picture, label, hidden }, hidden };
}

/** It from the front, and what that hides. */
export const { front, hidden } = seenBall();

/** It from the left, where it is green, and from the right, where it is yellow. */
export const sides = [90, -90].map((azimuth, i): SideView => {
  const label = viewLabel(CAMERA, azimuth);
  const planes = projectedSides(new BothSides(front, hidden), label, CAMERA.radius, SIZE);
  const AREA = SIZE * SIZE;
  const picture = new Float32Array(4 * AREA);
  if (i === 1) picture.fill(1, 0, AREA);
  picture.fill(1, AREA, 2 * AREA);
  picture.set(
    planes.subarray(3 * AREA, 4 * AREA).map((x) => (x + 1) / 2),
    3 * AREA,
  );
  const depths = planes.slice(4 * AREA).map((x) => CAMERA.radius + x / SIDE_DEPTH_GAIN);
  return { label, size: SIZE, picture, depths };
});
