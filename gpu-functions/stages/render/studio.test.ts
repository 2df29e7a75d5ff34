import { afterEach, expect, it } from 'vitest';
import { evenColours } from '../views/even-colours.ts';
import { cellsOf } from '../views/voxel-cells.ts';
import { viewLabel } from '../views/orbit.ts';
import type { Voxels } from '../views/voxels.ts';
import { voxelView } from '../views/voxel-view.ts';
import { Studio } from './studio.ts';
import { bust, CAMERA, OUTLINES } from './testing/bust.ts';

const voxels = bust(41);
const settings = { meshTriangles: 400, textureSize: 64, metresPerUnit: 0.5 };
let studio: Studio;
afterEach(() => studio.close());

function open(threads: number, drawn: Voxels = voxels): void {
  studio = new Studio(threads);
  studio.sit({ voxels: drawn, outlines: OUTLINES, settings });
}

it('draws side by side what one thread draws', async () => {
  open(2);
  const azimuths = [0, 40, 80, 120];
  const drawn = await Promise.all(
    azimuths.map((azimuth) => studio.make({ kind: 'view', label: viewLabel(CAMERA, azimuth), size: 24 })),
  );
  expect(drawn).toEqual(azimuths.map((azimuth) => voxelView(voxels, viewLabel(CAMERA, azimuth), 24).data));
});

it('tells why something cannot be made, and goes on', async () => {
  const values = new Float32Array(voxels.density.values.length);
  const nobody = { ...voxels, density: { ...voxels.density, values } };
  open(1, { ...nobody, cells: cellsOf(nobody.density) });
  const meshes = studio.make({ kind: 'meshes', textured: true, coloured: false });
  await expect(meshes).rejects.toThrow('shows nobody');
  expect(Math.max(...(await studio.make({ kind: 'view', label: OUTLINES[0], size: 8 })))).toBe(0);
});

it('is closed at once, whatever it does', async () => {
  open(1);
  const views = Array.from({ length: 50 }, () =>
    studio.make({ kind: 'view', label: OUTLINES[0], size: 512 }),
  );
  const ends = Promise.allSettled(views);
  await studio.close();
  expect((await ends).every(({ status }) => status === 'rejected')).toBe(true);
});

it('draws nobody before somebody sits', async () => {
  studio = new Studio(1);
  await expect(studio.make({ kind: 'view', label: OUTLINES[0], size: 24 })).rejects.toThrow('nobody sits');
});

it('evens colours in place, before somebody sits', async () => {
  studio = new Studio(1);
  const { colours } = voxels;
  const noisy = colours.map((value, i) => value + (i % 2 === 0 ? 8 : 0));
  const shared = new Uint8ClampedArray(new SharedArrayBuffer(noisy.length));
  shared.set(noisy);
  await studio.make({ kind: 'even colours', voxels: { ...voxels, colours: shared } });
  const expected = { ...voxels, colours: noisy };
  evenColours(expected);
  expect(shared).toEqual(expected.colours);
  expect(shared).not.toEqual(colours);
});
