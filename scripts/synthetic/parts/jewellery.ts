import type { Look } from '../people/look.ts';
import type { Material, Part } from '../render/index.ts';
import type { Vec3 } from '../vector.ts';
import { ballPart } from './ball.ts';
import type { Figure } from './figure.ts';
import { material } from './material.ts';
import { addTube, tubePart, type TubeMesh } from './tube.ts';

const metal = (tint: Material['tint']): Material => material('glasses', { tint, specular: 0.7, gloss: 30 });

/** The lowest vertex of an ear on the base mesh; `side` is 1 for the subject's left. */
function earLobe({ base }: Figure, side: number): number {
  const p = base.vertices;
  let lobe = -1;
  for (const v of base.bodyVertices) {
    const [x, y, z] = [side * p[3 * v], p[3 * v + 1], p[3 * v + 2]];
    if (x < 0.8 || y < 6.85 || y > 7.6 || z < 0.2 || z > 0.8) continue;
    if (lobe < 0 || y < p[3 * lobe + 1]) lobe = v;
  }
  return lobe;
}

/** Studs, hoops or drops in both ears. */
export function earringParts(figure: Figure, { kind, tint }: NonNullable<Look['earrings']>): Part[] {
  return [-1, 1].map((side) => {
    const lobe = earLobe(figure, side);
    const [x, y, z] = figure.vertices.subarray(3 * lobe, 3 * lobe + 3);
    const hang = (down: number): Vec3 => [x + side * 0.03, y + 0.04 - down, z + 0.01];
    if (kind === 'studs')
      return ballPart((point) => point, { centre: hang(0), radii: [0.055, 0.055, 0.055] }, metal(tint));
    if (kind === 'drops')
      return ballPart((point) => point, { centre: hang(0.16), radii: [0.055, 0.15, 0.055] }, metal(tint));
    const mesh: TubeMesh = { positions: [], normals: [], triangles: [] };
    const radius = 0.15;
    const ring = Array.from({ length: 14 }, (_, i): Vec3 => {
      const a = (2 * Math.PI * i) / 14;
      const [cx, cy, cz] = hang(radius);
      return [cx, cy + radius * Math.cos(a), cz + radius * Math.sin(a)];
    });
    addTube(mesh, ring, 0.024, true);
    return tubePart(mesh, metal(tint));
  });
}

const AROUND = 40;
/** The neck's axis on the base mesh (z, dm). */
const AXIS = 0.2;

/**
 * A closed path on the skin around the neck: `front` and `back` are its heights on the base mesh, `out` its distance from the skin, all dm.
 */
export function neckRing(
  { base, vertices, normals }: Figure,
  front: number,
  back: number,
  out: number,
): Vec3[] {
  const p = base.vertices;
  const near = base.bodyVertices.filter((v) => {
    const [x, y, z] = [p[3 * v], p[3 * v + 1], p[3 * v + 2]];
    return y > 4.9 && y < 6.7 && Math.hypot(x, z - AXIS) < 1.35;
  });
  const ring = Array.from({ length: AROUND }, (_, i): Vec3 => {
    const azimuth = (2 * Math.PI * i) / AROUND;
    const y = back + (front - back) * (0.5 + 0.5 * Math.cos(azimuth)) ** 1.4;
    let best = near[0];
    let smallest = Infinity;
    for (const v of near) {
      const turn = Math.atan2(p[3 * v], p[3 * v + 2] - AXIS) - azimuth;
      const apart = Math.atan2(Math.sin(turn), Math.cos(turn));
      const distance = (0.8 * apart) ** 2 + (p[3 * v + 1] - y) ** 2;
      if (distance < smallest) [smallest, best] = [distance, v];
    }
    return [0, 1, 2].map((k) => vertices[3 * best + k] + out * normals[3 * best + k]) as Vec3;
  });
  return smoothed(smoothed(smoothed(ring)));
}

const smoothed = (ring: readonly Vec3[]): Vec3[] =>
  ring.map((point, i) => {
    const before = ring[(i + ring.length - 1) % ring.length];
    const after = ring[(i + 1) % ring.length];
    return point.map((x, k) => 0.5 * x + 0.25 * (before[k] + after[k])) as Vec3;
  });

/** A chain, or beads on a string, around the neck. */
export function necklaceParts(figure: Figure, { kind, tint }: NonNullable<Look['necklace']>): Part[] {
  const mesh: TubeMesh = { positions: [], normals: [], triangles: [] };
  const ring = neckRing(figure, 5.72, 6.2, 0.05);
  const links = ring.flatMap((point, i): Vec3[] => {
    const next = ring[(i + 1) % ring.length];
    return [point, point.map((x, k) => (x + next[k]) / 2) as Vec3];
  });
  const beads = (along: number): number => (Math.round(along * (links.length - 1)) % 2 ? 0.02 : 0.062);
  addTube(mesh, links, kind === 'chain' ? 0.026 : beads, true);
  return [tubePart(mesh, metal(tint))];
}
