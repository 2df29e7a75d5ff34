import { joint } from '../body/index.ts';
import type { Spectacles } from '../people/look.ts';
import type { Part } from '../render/index.ts';
import type { Vec3 } from '../vector.ts';
import { nearestVertex, type Figure } from './figure.ts';
import { material } from './material.ts';
import { addTube, type TubeMesh } from './tube.ts';

const RING_POINTS = 28;
/** Pupil distance of the base mesh, dm: the glasses' unit. */
const PUPIL_DISTANCE = 0.62;

/** The foremost skin around the eyes: lenses stand in front of brow ridge and eyelids. */
function foremostSkin({ base, vertices }: Figure, eye: Vec3, unit: number): number {
  let front = -Infinity;
  for (const v of base.bodyVertices) {
    if (base.head[v] < 0.5) continue;
    const x = Math.abs(vertices[3 * v]) - Math.abs(eye[0]);
    const y = vertices[3 * v + 1] - eye[1];
    if (Math.abs(x) < 0.14 * unit && Math.abs(y) < 0.24 * unit) front = Math.max(front, vertices[3 * v + 2]);
  }
  return front;
}

const signedPower = (x: number, exponent: number): number => Math.sign(x) * Math.abs(x) ** exponent;

/** Lens outlines, bridge and temples as wire, and the lenses as discs. */
export function glassesParts(figure: Figure, specs: Spectacles): Part[] {
  const { base, vertices } = figure;
  const left = joint(vertices, base.joints['eye.L____head']);
  const right = joint(vertices, base.joints['eye.R____head']);
  const unit = Math.abs(left[0] - right[0]) / PUPIL_DISTANCE;
  const z = foremostSkin(figure, left, unit) + 0.05 * unit;
  const y = left[1] - 0.03 * unit;
  const rx = 0.255 * unit * specs.width;
  const ry = 0.195 * unit * specs.height;
  const centres = [left[0] * 1.02, right[0] * 1.02];
  const rings = centres.map((cx) =>
    Array.from({ length: RING_POINTS }, (_, i): Vec3 => {
      const angle = (2 * Math.PI * i) / RING_POINTS;
      const dx = signedPower(Math.cos(angle), 2 / specs.exponent) * rx;
      const dy = signedPower(Math.sin(angle), 2 / specs.exponent) * ry;
      const beyondEye = Math.max(0, Math.abs(cx + dx) - Math.abs(left[0]));
      return [cx + dx, y + dy, z - 0.25 * (dx / unit) ** 2 - beyondEye * 0.25];
    }),
  );
  const wire: TubeMesh = { positions: [], normals: [], triangles: [] };
  const radius = specs.thickness * unit;
  for (const ring of rings) addTube(wire, ring, radius, true);
  addTube(
    wire,
    [
      [centres[0] - rx, y + ry * 0.25, z],
      [0, y + ry * 0.42, z + 0.05 * unit],
      [centres[1] + rx, y + ry * 0.25, z],
    ],
    radius,
    false,
  );
  const ear = nearestVertex(base, [0.74, 7.46, 0.6]);
  const earY = vertices[3 * ear + 1] + 0.06;
  const earZ = vertices[3 * ear + 2];
  const hingeX = Math.abs(centres[0]) + rx;
  const hingeZ = rings[0][0][2];
  const earX = Math.max(hingeX + 0.02, vertices[3 * ear] * 0.98);
  for (const side of [1, -1]) {
    const temple: Vec3[] = [
      [side * hingeX, y + ry * 0.35, hingeZ],
      [side * (hingeX * 0.5 + earX * 0.5 + 0.03), y + ry * 0.4, hingeZ - 0.15 * unit],
      [side * earX, earY, earZ + 0.15],
      [side * earX, earY, earZ],
      [side * earX * 0.97, earY - 0.25 * unit, earZ - 0.22],
    ];
    addTube(wire, temple, radius * 0.9, false);
  }
  const frame = material('glasses', { tint: specs.tint, specular: 0.5, gloss: 40 });
  return [meshPart(wire, frame), lensPart(rings, centres, y, z, rx, ry, specs)];
}

const meshPart = (mesh: TubeMesh, surface: Part['material']): Part => ({
  positions: Float32Array.from(mesh.positions),
  normals: Float32Array.from(mesh.normals),
  uv: new Float32Array((mesh.positions.length / 3) * 2),
  triangles: Uint32Array.from(mesh.triangles),
  material: surface,
});

function lensPart(
  rings: readonly Vec3[][],
  centres: readonly number[],
  y: number,
  z: number,
  rx: number,
  ry: number,
  specs: Spectacles,
): Part {
  const mesh: TubeMesh = { positions: [], normals: [], triangles: [] };
  rings.forEach((ring, side) => {
    const middle = mesh.positions.length / 3;
    mesh.positions.push(centres[side], y, z + 0.01);
    mesh.normals.push(0, 0, 1);
    ring.forEach((point, i) => {
      mesh.positions.push(...point);
      mesh.normals.push(((point[0] - centres[side]) / rx) * 0.35, ((point[1] - y) / ry) * 0.3, 1);
      mesh.triangles.push(middle, middle + 1 + i, middle + 1 + ((i + 1) % ring.length));
    });
  });
  return meshPart(
    mesh,
    material('lens', {
      blended: true,
      tint: specs.lensTint,
      specular: 0.12,
      gloss: 60,
      opacity: specs.lensOpacity,
    }),
  );
}
