import { beforeAll, describe, expect, it } from 'vitest';
import { overWhite } from '../../picture.ts';
import { viewLabel } from '../../views/orbit.ts';
import { pictured } from '../../views/pictured.ts';
import { voxelView } from '../../views/voxel-view.ts';
import type { Voxels } from '../../views/voxels.ts';
import { BOTTOM, bust, CAMERA, depthInBust, HEAD, OUTLINES } from '../testing/bust.ts';
import { meshView } from '../testing/mesh-view.ts';
import { welded } from '../testing/welded.ts';
import { portraitMeshes, type ColouredMesh, type TexturedMesh } from './portrait-mesh.ts';
import { withoutFlaps } from './simplify.ts';
import { forEachTexel } from './texture.ts';
import { topologyOf } from './topology.ts';

const METRES = 0.5;
const SETTINGS = { meshTriangles: 3000, textureSize: 512, metresPerUnit: METRES };
const voxels = bust();
let textured: TexturedMesh;
let coloured: ColouredMesh;

beforeAll(async () => {
  const meshes = await portraitMeshes(voxels, OUTLINES, SETTINGS, { textured: true, coloured: true });
  textured = meshes.textured!;
  coloured = meshes.coloured!;
}, 60_000);

/** Largest and smallest coordinate along an axis. */
function range({ positions }: Pick<TexturedMesh, 'positions'>, axis: number): [number, number] {
  const values = positions.filter((_, i) => i % 3 === axis);
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

describe.each(['textured', 'coloured'] as const)('the %s mesh', (kind) => {
  const mesh = () => (kind === 'textured' ? textured : coloured);

  it('is one closed surface without handles, turned outwards', () => {
    const { unpaired, pieces, euler, volume } = topologyOf(welded(mesh()));
    expect({ unpaired, pieces, euler }).toEqual({ unpaired: 0, pieces: 1, euler: 2 });
    expect(volume).toBeGreaterThan(0);
  });

  it('stands on y = 0 in metres, without the floater', () => {
    const half = 0.5 * voxels.density.spacing;
    expect(range(mesh(), 1)[0]).toBe(0);
    const height = range(mesh(), 1)[1] / METRES;
    expect(Math.abs(height - (HEAD - BOTTOM + half))).toBeLessThan(voxels.density.spacing);
    const [left, right] = range(mesh(), 0);
    expect(left).toBeCloseTo(-right, 2);
    const volume = topologyOf(welded(mesh())).volume / METRES ** 3;
    expect(volume).toBeGreaterThan(volumeOfBust(0));
    expect(volume).toBeLessThan(volumeOfBust(voxels.density.spacing));
  });

  it('has unit normals that point out of the solid', () => {
    const { positions, normals } = mesh();
    for (let i = 0; i < positions.length; i += 3) {
      const normal = normals.subarray(i, i + 3);
      expect(Math.hypot(...normal)).toBeCloseTo(1, 4);
      const y = positions[i + 1] / METRES + BOTTOM;
      if (y < 0) continue;
      const away =
        (positions[i] * normal[0] + y * METRES * normal[1] + positions[i + 2] * normal[2]) / METRES / HEAD;
      expect(away).toBeGreaterThan(0.9);
    }
  });
});

/** Volume above the cut (half a step outside the grid) of the bust's balls grown by some margin, by counting points. */
function volumeOfBust(margin: number): number {
  const step = 0.02;
  const ground = BOTTOM - voxels.density.spacing / 2;
  let count = 0;
  for (let x = (step - 1) / 2; x < 0.5; x += step) {
    for (let y = ground + step / 2; y < 0.5; y += step) {
      for (let z = (step - 1) / 2; z < 0.5; z += step) if (depthInBust(x, y, z) > -margin) count++;
    }
  }
  return count * step ** 3;
}

/** dB between what a mesh and a volume show to a camera. */
function agreement(mesh: TexturedMesh, volume: Voxels, label: ArrayLike<number>): number {
  const half = 0.5 * voxels.density.spacing;
  const world = mesh.positions.map((x, i) => x / METRES + (i % 3 === 1 ? BOTTOM - half : 0));
  const seen = overWhite(meshView({ ...mesh, positions: world }, label, 96));
  const shown = overWhite(voxelView({ ...volume, ...withoutFloater() }, label, 96));
  const error = seen.reduce((sum, x, i) => sum + ((x - shown[i]) / 255) ** 2, 0) / seen.length;
  return -10 * Math.log10(error);
}

describe('the texture', () => {
  it('has every triangle inside, and none on another', () => {
    for (const coordinate of textured.uvs) expect(coordinate >= 0 && coordinate <= 1).toBe(true);
    const hits = new Uint8Array(512 * 512);
    forEachTexel(textured, 512, (texel) => hits[texel]++);
    const covered = hits.filter((n) => n > 0).length;
    expect(covered / hits.length).toBeGreaterThan(0.4);
    expect(hits.filter((n) => n > 1).length / covered).toBeLessThan(0.01);
  });

  it.each([
    [0, 0],
    [120, 0],
    [240, 30],
  ])('shows from azimuth %d°, elevation %d° what the volume shows', (azimuth, elevation) => {
    const label = viewLabel(CAMERA, azimuth, elevation);
    expect(agreement(textured, voxels, label)).toBeGreaterThan(26);
  });

  it('shows the pictures that are laid over the volume', async () => {
    const label = viewLabel(CAMERA, 0);
    const seen = voxelView(voxels, label, 128);
    const stripes = seen.data.map((x, i) =>
      i < 3 * 128 ** 2 ? x * (0.5 + 0.5 * Math.sin((i % 128) / 5)) : x,
    );
    const laidOver = pictured(voxels, [{ picture: { ...seen, data: stripes }, label }]);
    const only = { textured: true, coloured: false };
    const mesh = (await portraitMeshes(laidOver, OUTLINES, SETTINGS, only)).textured!;
    for (const azimuth of [0, 25]) {
      const from = viewLabel(CAMERA, azimuth);
      expect(agreement(mesh, laidOver, from)).toBeGreaterThan(20);
      expect(agreement(textured, laidOver, from)).toBeLessThan(16);
    }
  });
});

function withoutFloater() {
  const { density } = voxels;
  const values = density.values.map((value, i) => {
    const x = density.origin[0] + density.spacing * (i % density.size[0]);
    const y = density.origin[1] + density.spacing * (Math.floor(i / density.size[0]) % density.size[1]);
    return x > 0.28 && y > 0.2 ? 0 : value;
  });
  return { density: { ...density, values } };
}

it('the colours of vertices are those of their places', () => {
  const half = 0.5 * voxels.density.spacing;
  let error = 0;
  for (let i = 0; i < coloured.positions.length; i += 3) {
    const x = coloured.positions[i] / METRES;
    const y = coloured.positions[i + 1] / METRES + BOTTOM - half;
    error += (coloured.colours[i] - (128 + 100 * Math.sin(9 * x))) ** 2;
    error += (coloured.colours[i + 1] - (128 + 100 * Math.sin(9 * y + 1))) ** 2;
  }
  // What is seen lies about a voxel below the surface: colours change by 900 · 0.015 there.
  expect(Math.sqrt(error / ((2 * coloured.positions.length) / 3))).toBeLessThan(13.5);
});

it('flaps are removed with both their triangles', () => {
  expect([...withoutFlaps(Uint32Array.of(0, 1, 2, 3, 4, 5, 2, 1, 0))]).toEqual([3, 4, 5]);
});
