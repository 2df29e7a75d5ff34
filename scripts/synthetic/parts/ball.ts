import type { Material, Part } from '../render/index.ts';
import type { Vec3 } from '../vector.ts';

const RINGS = 8;
const SEGMENTS = 14;

/** A ball by its centre and its radii along the axes, dm. */
export interface Ball {
  centre: Vec3;
  radii: Vec3;
  /** How uneven it is, as a share of the radius. */
  uneven?: number;
}

/** A ball as a part; `place` maps its points, say from the unmorphed head to the figure's. */
export function ballPart(
  place: (point: Vec3) => Vec3,
  { centre, radii, uneven = 0 }: Ball,
  material: Material,
): Part {
  const positions: number[] = [];
  const normals: number[] = [];
  const uv: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i <= RINGS; i++) {
    for (let j = 0; j <= SEGMENTS; j++) {
      const polar = (Math.PI * i) / RINGS;
      const around = (2 * Math.PI * j) / SEGMENTS;
      const n: Vec3 = [
        Math.sin(polar) * Math.sin(around),
        Math.cos(polar),
        Math.sin(polar) * Math.cos(around),
      ];
      const r = 1 + uneven * Math.sin(5 * around + 3 * i) * Math.sin(polar);
      positions.push(...place([0, 1, 2].map((k) => centre[k] + n[k] * r * radii[k]) as Vec3));
      normals.push(...n);
      uv.push(j / SEGMENTS, i / RINGS);
      if (i === RINGS || j === SEGMENTS) continue;
      const a = i * (SEGMENTS + 1) + j;
      const b = a + SEGMENTS + 1;
      triangles.push(a, b, a + 1, a + 1, b, b + 1);
    }
  }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uv: Float32Array.from(uv),
    triangles: Uint32Array.from(triangles),
    material,
  };
}
