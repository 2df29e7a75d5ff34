import { unzipSync } from 'fflate';
import { validateBytes } from 'gltf-validator';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { bust, OUTLINES } from '../testing/bust.ts';
import { welded } from '../testing/welded.ts';
import { portraitMeshes, type ColouredMesh, type TexturedMesh } from '../mesh/portrait-mesh.ts';
import { topologyOf } from '../mesh/topology.ts';
import { encodeGlb } from './glb.ts';
import { encodeJpeg } from './jpeg.ts';
import { encodeObj } from './obj.ts';
import { encodePly } from './ply.ts';
import { encodeSplats, turnFromZ } from './splats.ts';
import { encodeStl } from './stl.ts';
import { encodeUsdz } from './usdz.ts';

let textured: TexturedMesh;
let coloured: ColouredMesh;
let jpeg: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const settings = { meshTriangles: 800, textureSize: 128, metresPerUnit: 0.5 };
  const meshes = await portraitMeshes(bust(41), OUTLINES, settings, { textured: true, coloured: true });
  textured = meshes.textured!;
  coloured = meshes.coloured!;
  jpeg = await encodeJpeg(textured.texture);
}, 60_000);

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const CLOSED = { unpaired: 0, pieces: 1, euler: 2 };

it("GLB passes Khronos's validator, which knows all of it but XMP", async () => {
  const report = await validateBytes(await encodeGlb(textured, jpeg), { maxIssues: 20 });
  expect(report.issues.messages).toMatchObject([
    { code: 'UNSUPPORTED_EXTENSION', message: expect.stringContaining('KHR_xmp_json_ld') },
  ]);
  expect(report.info).toMatchObject({
    version: '2.0',
    extensionsUsed: ['KHR_materials_unlit', 'KHR_xmp_json_ld'],
    totalTriangleCount: textured.indices.length / 3,
    totalVertexCount: textured.positions.length / 3,
  });
  expect(report.info.resources).toMatchObject([
    {},
    { mimeType: 'image/jpeg', image: { width: 128, height: 128 } },
  ]);
});

const objFiles = () => unzipSync(encodeObj(textured, jpeg));

/** The lines of the OBJ with a keyword, split at blanks. */
const numbers = (key: string) =>
  text(objFiles()['portrait.obj'])
    .split('\n')
    .filter((line) => line.startsWith(`${key} `))
    .map((line) => line.slice(key.length + 1).split(' '));

describe('OBJ', () => {
  it('has a closed mesh whose corners have coordinates and normals', () => {
    const faces = numbers('f').map((corners) => corners.map((corner) => corner.split('/').map(Number)));
    const positions = Float32Array.from(numbers('v').flat().map(Number));
    const indices = Uint32Array.from(faces.flat(), ([v]) => v - 1);
    const found = topologyOf({ positions, indices });
    expect(found).toMatchObject(CLOSED);
    expect(found.volume).toBeCloseTo(topologyOf(welded(textured)).volume, 5);
    const [uvs, normals] = [numbers('vt'), numbers('vn')];
    for (const [, vt, vn] of faces.flat()) {
      expect(uvs[vt - 1]).toHaveLength(2);
      expect(normals[vn - 1]).toHaveLength(3);
    }
  });

  it('names its material, and that its texture', async () => {
    expect(text(objFiles()['portrait.obj'])).toContain('mtllib portrait.mtl\n');
    expect(text(objFiles()['portrait.mtl'])).toContain('map_Kd portrait.jpg\n');
    expect(await sharp(objFiles()['portrait.jpg']).metadata()).toMatchObject({ format: 'jpeg', width: 128 });
    expect(Buffer.compare(encodeObj(textured, jpeg), encodeObj(textured, jpeg))).toBe(0);
  });
});

/** The header of a PLY, and a view of what follows. */
function readPly(bytes: Uint8Array) {
  const end = Buffer.from(bytes.buffer, 0, 4096).indexOf('end_header\n') + 'end_header\n'.length;
  const header = text(bytes.subarray(0, end));
  const properties = [...header.matchAll(/property (float|uchar) (\w+)/g)].map((match) => match[2]);
  const count = (element: string) => Number(new RegExp(`element ${element} (\\d+)`).exec(header)?.[1]);
  return { properties, count, view: new DataView(bytes.buffer, end), length: bytes.length - end };
}

it('PLY has a closed mesh with normals and colours', () => {
  const { properties, count, view, length } = readPly(encodePly(coloured));
  expect(properties).toEqual(['x', 'y', 'z', 'nx', 'ny', 'nz', 'red', 'green', 'blue']);
  expect(length).toBe(27 * count('vertex') + 13 * count('face'));
  const positions = Float32Array.from({ length: 3 * count('vertex') }, (_, i) =>
    view.getFloat32(27 * Math.floor(i / 3) + 4 * (i % 3), true),
  );
  const start = 27 * count('vertex');
  const indices = Uint32Array.from({ length: 3 * count('face') }, (_, i) =>
    view.getUint32(start + 13 * Math.floor(i / 3) + 1 + 4 * (i % 3), true),
  );
  expect(topologyOf({ positions, indices })).toMatchObject(CLOSED);
  expect(view.getUint8(27 * 5 + 24)).toBe(coloured.colours[15]);
});

it('STL is closed, in millimetres, z up, and its normals are those of its triangles', () => {
  const bytes = encodeStl(coloured);
  const view = new DataView(bytes.buffer);
  const triangles = view.getUint32(80, true);
  expect(bytes.length).toBe(84 + 50 * triangles);
  const positions = new Float32Array(9 * triangles);
  for (let t = 0; t < triangles; t++) {
    const float = (i: number) => view.getFloat32(84 + 50 * t + 4 * i, true);
    for (let i = 0; i < 9; i++) positions[9 * t + i] = float(3 + i);
    expect(Math.hypot(float(0), float(1), float(2))).toBeCloseTo(1, 3);
  }
  const mesh = welded({ positions, indices: Uint32Array.from({ length: 3 * triangles }, (_, i) => i) });
  const found = topologyOf(mesh);
  expect(found).toMatchObject(CLOSED);
  expect(found.volume / 1e9).toBeCloseTo(topologyOf(coloured).volume, 5);
  const heights = mesh.positions.filter((_, i) => i % 3 === 2);
  expect(heights.reduce((a, b) => Math.min(a, b))).toBe(0);
  expect(heights.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(400);
});

describe('USDZ', () => {
  it('is an uncompressed archive whose files begin at multiples of 64, the stage first', () => {
    const bytes = encodeUsdz(textured, jpeg);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const names: string[] = [];
    let at = 0;
    while (view.getUint32(at, true) === 0x04034b50) {
      expect(view.getUint16(at + 8, true)).toBe(0);
      const nameLength = view.getUint16(at + 26, true);
      const data = at + 30 + nameLength + view.getUint16(at + 28, true);
      expect(data % 64).toBe(0);
      names.push(text(bytes.subarray(at + 30, at + 30 + nameLength)));
      at = data + view.getUint32(at + 18, true);
    }
    expect(names).toEqual(['portrait.usda', 'textures/portrait.jpg']);
    expect(Object.keys(unzipSync(bytes))).toEqual(names);
  });

  it('holds the mesh: as many points, coordinates and normals as vertices', () => {
    const usda = text(unzipSync(encodeUsdz(textured, jpeg))['portrait.usda']);
    expect(usda.startsWith('#usda 1.0\n')).toBe(true);
    expect(usda).toContain('upAxis = "Y"');
    expect(usda).toContain('metersPerUnit = 1');
    const tuples = (name: string) => new RegExp(`${name} = \\[(.*)\\]`).exec(usda)![1].split('), (').length;
    for (const name of ['points', 'normals', 'primvars:st'])
      expect(tuples(name)).toBe(textured.positions.length / 3);
    const indices = /faceVertexIndices = \[(.*)\]/.exec(usda)![1].split(', ').map(Number);
    expect(indices).toEqual([...textured.indices]);
    expect([...usda].filter((c) => c === '{').length).toBe([...usda].filter((c) => c === '}').length);
  });
});

it('splats are the discs of the surface, in the fields of 3D Gaussian splatting', () => {
  const { properties, count, view, length } = readPly(encodeSplats(coloured));
  expect(properties.slice(0, 9)).toEqual(['x', 'y', 'z', 'nx', 'ny', 'nz', 'f_dc_0', 'f_dc_1', 'f_dc_2']);
  expect(properties.slice(9)).toEqual([
    'opacity',
    'scale_0',
    'scale_1',
    'scale_2',
    'rot_0',
    'rot_1',
    'rot_2',
    'rot_3',
  ]);
  expect(length).toBe(68 * count('vertex'));
  const at = (splat: number, name: string) =>
    view.getFloat32(68 * splat + 4 * properties.indexOf(name), true);
  for (let splat = 0; splat < count('vertex'); splat += 7) {
    // The axis of the smallest scale, turned as a viewer would, is the normal; y points down.
    const [w, x, y, z] = [0, 1, 2, 3].map((i) => at(splat, `rot_${i}`));
    const axis = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
    ['nx', 'ny', 'nz'].forEach((name, i) => expect(axis[i]).toBeCloseTo(at(splat, name), 4));
    expect(at(splat, 'ny')).toBe(-coloured.normals[3 * splat + 1]);
    expect(at(splat, 'scale_2')).toBeLessThan(at(splat, 'scale_0'));
    expect(0.5 + 0.28209479 * at(splat, 'f_dc_1')).toBeCloseTo(coloured.colours[3 * splat + 1] / 255, 5);
    expect(1 / (1 + Math.exp(-at(splat, 'opacity')))).toBeCloseTo(0.95, 5);
  }
  expect(turnFromZ(0, 0, -1)).toEqual([0, 1, 0, 0]);
});
