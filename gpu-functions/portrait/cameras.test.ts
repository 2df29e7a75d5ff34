import { describe, expect, it } from 'vitest';
import { constant, evaluate, float32, hostTensor } from '../graph/index.ts';
import {
  fovIntrinsics,
  lookAtPose,
  mirrorCamera,
  orbitCamera,
  type CameraLabel,
  type Vector,
} from './cameras.ts';
import { cameraRays, pixelCentres } from './rays.ts';

const ORBIT = { lookAt: [0, -0.06, 0] as Vector, radius: 2.7, focal: 3.2298 };

/** Image point (u, v) of a world point: the pinhole applied by hand. */
function project(label: CameraLabel, point: Vector): [number, number] {
  const offset = [0, 1, 2].map((i) => point[i] - label[4 * i + 3]);
  const [x, y, z] = [0, 1, 2].map((c) => offset.reduce((sum, o, i) => sum + o * label[4 * i + c], 0));
  return [(label[16] * x) / z + label[18], (label[20] * y) / z + label[21]];
}

async function raysOf(label: CameraLabel, size: number) {
  const cameras = constant(hostTensor([...label], [1, 25]));
  const { origins, directions } = await evaluate({ ...cameraRays(cameras, constant(pixelCentres(size))) });
  return { origins: float32(origins), directions: float32(directions) };
}

describe('cameras', () => {
  it('sees what is at world +x on the right of a frontal picture, and what is up at its top', () => {
    const front = orbitCamera({ azimuth: 0, elevation: 0, ...ORBIT });
    const [u, v] = project(front, [0.1, 0.1, 0]);
    expect(u).toBeGreaterThan(0.5);
    expect(v).toBeLessThan(0.5);
  });

  it('moves towards +x with growing azimuth, always at its radius and with its target in the middle', () => {
    for (const [azimuth, elevation] of [
      [0.7, 0.2],
      [2.5, -0.2],
      [-1.9, 0.4],
    ]) {
      // prettier-ignore
      const label = orbitCamera({ azimuth, elevation, ...ORBIT });
      const offset = [0, 1, 2].map((i) => label[4 * i + 3] - ORBIT.lookAt[i]);
      expect(Math.hypot(...offset)).toBeCloseTo(2.7, 10);
      expect(Math.atan2(offset[0], offset[2])).toBeCloseTo(azimuth, 10);
      const [u, v] = project(label, ORBIT.lookAt);
      expect([u, v].map((x) => x.toFixed(8))).toEqual(['0.50000000', '0.50000000']);
    }
  });

  it('places the look-at pose by azimuth and by the arc cosine of its vertical parameter', () => {
    const pose = lookAtPose(Math.PI / 2 + 0.5, Math.PI / 3, [0, 0, 0], 2);
    const polar = Math.acos(1 - 2 / 3);
    expect(pose[3]).toBeCloseTo(2 * Math.sin(polar) * Math.sin(0.5), 10);
    expect(pose[7]).toBeCloseTo(2 * Math.cos(polar), 10);
    expect(pose[11]).toBeCloseTo(2 * Math.sin(polar) * Math.cos(0.5), 10);
  });

  it('keeps the field-of-view constants of EG3D', () => {
    expect(fovIntrinsics(12.447863)[0]).toBeCloseTo(6.48479, 5);
  });

  it('mirrors a camera: the mirrored point lands on the mirrored pixel', () => {
    const label = orbitCamera({ azimuth: 0.6, elevation: 0.1, ...ORBIT });
    const [u, v] = project(label, [0.2, 0.1, 0.05]);
    const [mu, mv] = project(mirrorCamera(label), [-0.2, 0.1, 0.05]);
    expect(mu).toBeCloseTo(1 - u, 10);
    expect(mv).toBeCloseTo(v, 10);
  });
});

describe('rays', () => {
  it('go through the pixel centres that their points project to, with unit directions', async () => {
    const size = 5;
    const label = orbitCamera({ azimuth: -0.8, elevation: 0.3, ...ORBIT });
    const { origins, directions } = await raysOf(label, size);
    for (let i = 0; i < size * size; i++) {
      const at = [0, 1, 2].map((c) => origins[3 * i + c] + 2.5 * directions[3 * i + c]) as unknown as Vector;
      const [u, v] = project(label, at);
      expect(u).toBeCloseTo(((i % size) + 0.5) / size, 5);
      expect(v).toBeCloseTo((Math.floor(i / size) + 0.5) / size, 5);
      expect(Math.hypot(directions[3 * i], directions[3 * i + 1], directions[3 * i + 2])).toBeCloseTo(1, 6);
    }
  });
});
