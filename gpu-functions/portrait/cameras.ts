/**
 * Cameras as plain numbers. World: right-handed, y up, the face looks to +z. Camera: x right, y down, z forward (OpenCV).
 * A label is 25 numbers: cam2world 4×4 row-major, then the 3×3 intrinsics row-major in units of the image side.
 */

export type Vector = readonly [number, number, number];

/** 25 numbers: cam2world (16), normalised intrinsics (9). */
export type CameraLabel = readonly number[];

/** Azimuths of the person's left and right in degrees, from which they are rendered and drawn exactly from the side. */
export const SIDE_AZIMUTHS = [90, -90] as const;

function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalise(a: Vector): Vector {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** cam2world (16 numbers, row-major) of a camera at `position` that looks at `target`, its picture upright. */
export function lookAtMatrix(position: Vector, target: Vector): number[] {
  const forward = normalise(subtract(target, position));
  const left = normalise(cross([0, 1, 0], forward));
  const right: Vector = [-left[0], -left[1], -left[2]];
  const down = normalise(cross(forward, right));
  const rows = [0, 1, 2].map((i) => [right[i], down[i], forward[i], position[i]]);
  return [...rows.flat(), 0, 0, 0, 1];
}

/** Intrinsics of a centred square pinhole: 9 numbers, row-major. */
export function pinhole(focal: number): number[] {
  return [focal, 0, 0.5, 0, focal, 0.5, 0, 0, 1];
}

/** Camera from its two matrices. */
export function cameraLabel(camToWorld: readonly number[], intrinsics: readonly number[]): CameraLabel {
  return [...camToWorld, ...intrinsics];
}

/**
 * cam2world of EG3D's LookAtPoseSampler without its random part. h = v = π/2 is frontal; h = π/2 + δ moves the camera towards +x by the
 * azimuth δ. v is no angle: the polar angle is arccos(1 − 2v/π).
 */
export function lookAtPose(h: number, v: number, target: Vector, radius: number): number[] {
  const vertical = Math.min(Math.max(v, 1e-5), Math.PI - 1e-5);
  const polar = Math.acos(1 - (2 * vertical) / Math.PI);
  const position: Vector = [
    radius * Math.sin(polar) * Math.cos(Math.PI - h),
    radius * Math.cos(polar),
    radius * Math.sin(polar) * Math.sin(Math.PI - h),
  ];
  return lookAtMatrix(position, target);
}

/** Intrinsics from a field of view in degrees, with EG3D's constants (they matter in the fifth digit). */
export function fovIntrinsics(degrees: number): number[] {
  // oxlint-disable-next-line oxc/approx-constant
  return pinhole(1 / (Math.tan((degrees * 3.14159) / 360) * 1.414));
}

export interface Orbit {
  /** Radians from +z towards +x. */
  azimuth: number;
  /** Radians above the horizontal plane. */
  elevation: number;
  lookAt: Vector;
  radius: number;
  /** Focal length over image side. */
  focal: number;
}

/** Label of a camera on a sphere around `lookAt`: position = lookAt + r·(cos e·sin a, sin e, cos e·cos a). */
export function orbitCamera({ azimuth, elevation, lookAt, radius, focal }: Orbit): CameraLabel {
  const position: Vector = [
    lookAt[0] + radius * Math.cos(elevation) * Math.sin(azimuth),
    lookAt[1] + radius * Math.sin(elevation),
    lookAt[2] + radius * Math.cos(elevation) * Math.cos(azimuth),
  ];
  return cameraLabel(lookAtMatrix(position, lookAt), pinhole(focal));
}

/** The camera of the picture flipped left–right in a world flipped at x = 0. */
export function mirrorCamera(label: CameraLabel): CameraLabel {
  const negated = new Set([1, 2, 3, 4, 8]);
  return label.map((x, i) => (negated.has(i) ? -x : x));
}
