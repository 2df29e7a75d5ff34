import { cross, dot, type Vec3 } from './vector.ts';

/** Focal length divided by the picture's side: a field of view of 17.6°. */
export const FOCAL = 3.2298;
/** Distance of the camera from the look-at point, and that point; world units. */
export const RADIUS = 2.7;
export const LOOK_AT: Vec3 = [0, -0.06, 0];

/** Where the camera stands, radians: azimuth from the front (+z) towards the subject's left (+x), elevation upwards. */
export interface View {
  azimuth: number;
  elevation: number;
}

/** A pinhole camera with OpenCV's axes: x right, y down, z forward. */
export interface Camera {
  position: Vec3;
  right: Vec3;
  down: Vec3;
  forward: Vec3;
}

/** The camera on the sphere around the look-at point. */
export function orbit({ azimuth, elevation }: View): Camera {
  const outward: Vec3 = [
    Math.cos(elevation) * Math.sin(azimuth),
    Math.sin(elevation),
    Math.cos(elevation) * Math.cos(azimuth),
  ];
  const forward: Vec3 = [-outward[0], -outward[1], -outward[2]];
  const right: Vec3 = [Math.cos(azimuth), 0, -Math.sin(azimuth)];
  return {
    position: [
      LOOK_AT[0] + RADIUS * outward[0],
      LOOK_AT[1] + RADIUS * outward[1],
      LOOK_AT[2] + RADIUS * outward[2],
    ],
    right,
    down: cross(forward, right),
    forward,
  };
}

/** EG3D's 25-number label: camera-to-world 4×4 row-major, then the normalised intrinsics 3×3. */
export function cameraLabel({ position, right, down, forward }: Camera): number[] {
  const rows = [0, 1, 2].flatMap((k) => [right[k], down[k], forward[k], position[k]]);
  return [...rows, 0, 0, 0, 1, FOCAL, 0, 0.5, 0, FOCAL, 0.5, 0, 0, 1];
}

/** Pixel coordinates (x right, y down, from the top left corner; pixel centres at .5) of a world point. */
export function project(camera: Camera, point: Vec3, size: number): [x: number, y: number] {
  const ray: Vec3 = [
    point[0] - camera.position[0],
    point[1] - camera.position[1],
    point[2] - camera.position[2],
  ];
  const k = (FOCAL * size) / dot(ray, camera.forward);
  return [size / 2 + k * dot(ray, camera.right), size / 2 + k * dot(ray, camera.down)];
}
