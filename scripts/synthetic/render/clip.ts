import type { Part } from './scene.ts';

/** Half-spaces axis · x ≤ limit that bound what is drawn: shoulders end at the tri-grid's box. World units. */
const PLANES: readonly { axis: 0 | 1 | 2; sign: 1 | -1; limit: number }[] = [
  { axis: 0, sign: 1, limit: 0.5 },
  { axis: 0, sign: -1, limit: 0.5 },
  { axis: 2, sign: 1, limit: 0.5 },
  { axis: 2, sign: -1, limit: 0.5 },
  { axis: 1, sign: -1, limit: 0.7 },
];

/** Cuts a part at the box |x|, |z| ≤ 0.5, y ≥ −0.7 (Sutherland–Hodgman, attributes interpolated). */
export function clipToBox(part: Part): Part {
  const positions = Array.from(part.positions);
  const normals = Array.from(part.normals);
  const uv = Array.from(part.uv);
  const field = part.field && Array.from(part.field);
  const inside = (v: number, p: (typeof PLANES)[number]): number =>
    p.limit - p.sign * positions[3 * v + p.axis];
  if (PLANES.every((p) => allInside(part.positions, p.axis, p.sign, p.limit))) return part;
  const cut = (a: number, b: number, t: number): number => {
    const mix = (list: number[], size: number): void => {
      for (let k = 0; k < size; k++) list.push(list[size * a + k] * (1 - t) + list[size * b + k] * t);
    };
    mix(positions, 3);
    mix(normals, 3);
    mix(uv, 2);
    if (field) mix(field, 1);
    return positions.length / 3 - 1;
  };
  const triangles: number[] = [];
  for (let t = 0; t < part.triangles.length; t += 3) {
    let polygon = [part.triangles[t], part.triangles[t + 1], part.triangles[t + 2]];
    for (const plane of PLANES) {
      if (polygon.every((v) => inside(v, plane) >= 0)) continue;
      const clipped: number[] = [];
      polygon.forEach((b, i) => {
        const a = polygon[(i + polygon.length - 1) % polygon.length];
        const da = inside(a, plane);
        const db = inside(b, plane);
        if (da >= 0 !== db >= 0) clipped.push(cut(a, b, da / (da - db)));
        if (db >= 0) clipped.push(b);
      });
      polygon = clipped;
      if (polygon.length === 0) break;
    }
    for (let i = 2; i < polygon.length; i++) triangles.push(polygon[0], polygon[i - 1], polygon[i]);
  }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uv: Float32Array.from(uv),
    triangles: Uint32Array.from(triangles),
    material: part.material,
    ...(field && { field: Float32Array.from(field) }),
  };
}

function allInside(positions: Float32Array, axis: number, sign: number, limit: number): boolean {
  for (let i = axis; i < positions.length; i += 3) if (sign * positions[i] > limit) return false;
  return true;
}
