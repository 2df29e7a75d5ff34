import { orbitCamera, type CameraConfig, type CameraLabel } from '../../portrait/index.ts';

/** Radians of an angle in degrees. */
export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Label of the profile's camera from an azimuth (from the front toward +x) and an elevation, in degrees. */
export function viewLabel(camera: CameraConfig, azimuth: number, elevation = 0): CameraLabel {
  return orbitCamera({ ...camera, azimuth: radians(azimuth), elevation: radians(elevation) });
}
