import { expect, it } from 'vitest';
import { overWhite } from '../picture.ts';
import { bust, CAMERA } from '../render/testing/bust.ts';
import { viewLabel } from './orbit.ts';
import { projectedPicture, type Depicted } from './projected-picture.ts';
import { voxelView } from './voxel-view.ts';

const voxels = bust();
const front = viewLabel(CAMERA, 0);
const seen = voxelView(voxels, front, 64);
const laidOver = { ...voxels, projected: [projectedPicture(seen, seen, front)] };

/** dB over white of one picture beside another. */
function psnr(one: Depicted, other: Depicted): number {
  const [a, b] = [overWhite(one), overWhite(other)];
  return 20 * Math.log10(255) - 10 * Math.log10(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0) / a.length);
}

it.each([
  ['voxels', voxels],
  ['voxels with a picture laid over them', laidOver],
])('between pixels whose rays are followed, %s look as if all were', (_, what) => {
  // 250 is no multiple of four: the last pixels have nothing beyond them.
  const [size, label] = [250, viewLabel(CAMERA, 30)];
  const all = voxelView(what, label, size, 1);
  for (const apart of [2, 4]) {
    const some = voxelView(what, label, size, apart);
    expect(psnr(some, all)).toBeGreaterThan(45);
    expect(some.data).not.toEqual(all.data);
    const missed = some.distances.map((x, i) =>
      x > 0 && all.distances[i] > 0 ? Math.abs(x - all.distances[i]) : 0,
    );
    expect(missed.reduce((sum, x) => sum + x) / missed.length).toBeLessThan(0.05 * what.density.spacing);
  }
});

it('follows every ray where pixels are as coarse as voxels, and fewer the finer they are', () => {
  for (const [size, apart] of [
    [32, 1],
    [1024, 4],
  ]) {
    const [one, other] = [voxelView(voxels, front, size), voxelView(voxels, front, size, apart)];
    expect(one.data.every((x, i) => x === other.data[i])).toBe(true);
  }
});
