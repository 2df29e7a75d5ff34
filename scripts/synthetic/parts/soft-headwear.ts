import { scale, type Rgb } from '../colour.ts';
import type { Look } from '../people/look.ts';
import type { Material, Part } from '../render/index.ts';
import { clamp, type Vec3 } from '../vector.ts';
import { ballPart, type Ball } from './ball.ts';
import { headMap, type Figure } from './figure.ts';
import { material } from './material.ts';
import { shell } from './shell.ts';

type Wrap = NonNullable<Look['wrap']>;

/** Height (dm) of the fabric above the scalp at a vertex of the base mesh. */
function fabricHeight(kind: Wrap['kind'], y: number): number {
  if (kind === 'headscarf') return 0.1 + 0.1 * clamp((6.3 - y) * 2, 0, 1);
  return (kind === 'beanie' ? 0.16 : 0.12) + 0.06 * clamp(y - 7.6, 0, 1);
}

/** The body with its ears pressed flat, as fabric over them needs it. */
function flattenEars({ base, vertices, frame }: Figure): Float32Array {
  const flat = vertices.slice();
  const rest = base.vertices;
  const limit = 0.72 * frame.ratio[0];
  for (const v of base.bodyVertices) {
    const x = rest[3 * v];
    const y = rest[3 * v + 1];
    const z = rest[3 * v + 2];
    if (Math.abs(x) <= 0.7 || y <= 6.85 || y >= 7.66 || z <= 0.05 || z >= 0.95) continue;
    flat[3 * v] = clamp(flat[3 * v], -limit, limit);
  }
  return flat;
}

const ACROSS = 16;
const OUTWARD = 5;

/** The peak of a baseball cap: a curved sheet over the forehead. */
function peakPart(figure: Figure, tint: Rgb, fabric: Material): Part {
  const place = headMap(figure);
  const positions: number[] = [];
  const normals: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i <= ACROSS; i++) {
    for (let j = 0; j <= OUTWARD; j++) {
      const angle = (i / ACROSS - 0.5) * 2;
      const out = j / OUTWARD;
      const point: Vec3 = [
        0.74 * Math.sin(angle),
        7.93 - 0.06 * out - 0.16 * out * out - 0.1 * (1 - Math.cos(angle)),
        0.55 + 1.04 * Math.cos(angle) + out * 0.72 * Math.cos(angle * 0.75) ** 1.2,
      ];
      positions.push(...place(point));
      normals.push(0, 0.94, 0.34);
      if (i === ACROSS || j === OUTWARD) continue;
      const a = i * (OUTWARD + 1) + j;
      const b = a + OUTWARD + 1;
      triangles.push(a, a + 1, b, a + 1, b + 1, b);
    }
  }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uv: new Float32Array((positions.length / 3) * 2),
    triangles: Uint32Array.from(triangles),
    material: { ...fabric, blended: false, edge: 0, tint },
  };
}

/** The bobble of a beanie: a ball of wool, a little uneven. */
const BOBBLE: Ball = { centre: [0, 8.7, 0.58], radii: [0.22, 0.22, 0.22], uneven: 0.05 };

/** A beanie with its turn-up and perhaps a bobble, a baseball cap with its peak, or a headscarf; the first part is the one on the scalp. */
export function wrapParts(figure: Figure, { kind, tint, trim, bobble }: Wrap): Part[] {
  const field = figure.field(kind);
  const rest = figure.base.vertices;
  const fabric = material('hat', { blended: true, tint, edge: 0.03 });
  const vertices = flattenEars(figure);
  const height = (v: number): number => fabricHeight(kind, rest[3 * v + 1]);
  const parts = [shell(figure, field, height, fabric, { vertices })];
  if (kind === 'beanie') {
    const turnUp = field.map((f) => (f < -0.05 ? f : Math.min(f + 0.02, 0.3 - f)));
    const darker = { ...fabric, tint: trim ?? scale(tint, 0.85) };
    parts.push(shell(figure, turnUp, (v) => height(v) + 0.05, darker, { vertices }));
  }
  if (kind === 'beanie' && bobble) {
    const wool = { ...fabric, blended: false, edge: 0, tint: trim ?? scale(tint, 0.9) };
    parts.push(ballPart(headMap(figure), BOBBLE, wool));
  }
  if (kind === 'cap') parts.push(peakPart(figure, trim ?? scale(tint, 0.8), fabric));
  return parts;
}
