import { scale, type Rgb } from '../colour.ts';
import type { KnitTop } from '../people/look.ts';
import type { Part } from '../render/index.ts';
import { isVisible, type Figure } from './figure.ts';
import { material } from './material.ts';
import { neckRing } from './jewellery.ts';
import { vertexNormals } from './mesh.ts';
import { patternTexture } from './pattern.ts';
import { addTube, tubePart, type TubeMesh } from './tube.ts';

/** A top with sleeves. */
type Sleeved = Extract<KnitTop, { neck: 'crew' | 'v' | 'turtle' }>;

/** Levels of subdivision near the neckline, so that its cut is smooth. */
const SUBDIVISIONS = 2;
/** Size (dm) of a pattern's tile: of a pair of stripes, of a check, of a dot and what surrounds it. */
const PERIOD = { stripes: 0.42, checks: 0.5, dots: 0.42 } as const;

/** Signed field of the cloth in base-mesh coordinates, dm, positive where there is cloth. */
function neckline(neck: Sleeved['neck'], x: number, y: number, z: number): number {
  if (neck === 'turtle') return 6.28 + (z < 0.3 ? 0.1 : 0) - y;
  const ring = (Math.hypot(x / 0.92, (y - 6.05) / 0.72, z - 0.15) - 1) * 0.75;
  const crew = y < 6.1 ? ring : Math.min(ring, -0.05);
  if (neck === 'crew') return crew;
  return Math.min(crew, (4.85 + 1.45 * Math.abs(x) - y) * 0.55 + Math.max(0, 0.55 - z) * 4);
}

/** A growing mesh over the body-suit helper; `rest` keeps the base-mesh position of each vertex. */
class ClothMesh {
  readonly positions: number[] = [];
  readonly normals: number[] = [];
  readonly rest: number[] = [];
  readonly field: number[] = [];
  readonly triangles: number[] = [];
  readonly #middles = new Map<number, number>();
  readonly #neck: Sleeved['neck'];

  constructor(neck: Sleeved['neck']) {
    this.#neck = neck;
  }

  add(position: ArrayLike<number>, normal: ArrayLike<number>, rest: ArrayLike<number>): number {
    for (let k = 0; k < 3; k++) {
      this.positions.push(position[k]);
      this.normals.push(normal[k]);
      this.rest.push(rest[k]);
    }
    return this.field.push(neckline(this.#neck, rest[0], rest[1], rest[2])) - 1;
  }

  middle(a: number, b: number): number {
    const key = Math.min(a, b) * 1e6 + Math.max(a, b);
    let id = this.#middles.get(key);
    if (id === undefined) {
      const mean = (list: number[]): number[] =>
        [0, 1, 2].map((k) => (list[3 * a + k] + list[3 * b + k]) / 2);
      id = this.add(mean(this.positions), mean(this.normals), mean(this.rest));
      this.#middles.set(key, id);
    }
    return id;
  }

  addTriangle(a: number, b: number, c: number, depth: number): void {
    const { rest, field } = this;
    const highest = Math.max(rest[3 * a + 1], rest[3 * b + 1], rest[3 * c + 1]);
    const widest = Math.max(Math.abs(rest[3 * a]), Math.abs(rest[3 * b]), Math.abs(rest[3 * c]));
    if (depth === 0 || highest < 4.4 || widest > 1.5) {
      if (Math.max(field[a], field[b], field[c]) > -0.02) this.triangles.push(a, b, c);
      return;
    }
    const ab = this.middle(a, b);
    const bc = this.middle(b, c);
    const ca = this.middle(c, a);
    this.addTriangle(a, ab, ca, depth - 1);
    this.addTriangle(ab, b, bc, depth - 1);
    this.addTriangle(ca, bc, c, depth - 1);
    this.addTriangle(ab, bc, ca, depth - 1);
  }
}

function buildCloth({ base, vertices, lowest }: Figure, neck: Sleeved['neck']): ClothMesh {
  const { source, triangles, group } = base.topology;
  const normals = vertexNormals(vertices, base.topology, (t) => group[t] === base.suitGroup);
  const thickness = neck === 'turtle' ? 0.05 : 0.035;
  const mesh = new ClothMesh(neck);
  const ids = new Map<number, number>();
  const vertex = (v: number): number => {
    let id = ids.get(v);
    if (id === undefined) {
      const normal = normals.subarray(3 * v, 3 * v + 3);
      const position = vertices.slice(3 * v, 3 * v + 3).map((p, k) => p + normal[k] * thickness);
      id = mesh.add(position, normal, base.vertices.subarray(3 * v, 3 * v + 3));
      ids.set(v, id);
    }
    return id;
  };
  for (let t = 0; t < group.length; t++) {
    if (group[t] !== base.suitGroup) continue;
    const a = source[triangles[3 * t]];
    const b = source[triangles[3 * t + 1]];
    const c = source[triangles[3 * t + 2]];
    if (isVisible(vertices, lowest, a, b, c)) mesh.addTriangle(vertex(a), vertex(b), vertex(c), SUBDIVISIONS);
  }
  return mesh;
}

/** A hood that lies around the neck: thick behind, thin in front. */
function hoodPart(figure: Figure, tint: Rgb): Part {
  const mesh: TubeMesh = { positions: [], normals: [], triangles: [] };
  const ring = neckRing(figure, 5.5, 6.1, 0.16);
  addTube(mesh, ring, (along) => 0.13 + 0.2 * Math.sin(Math.PI * along) ** 2, true);
  return tubePart(mesh, material('cloth', { tint: scale(tint, 0.85) }));
}

/** A T-shirt, V-neck, turtleneck or hooded top made of the inflated body-suit helper, with a darker collar band. */
export function knitTopParts(figure: Figure, { neck, tint, pattern, hood }: Sleeved): Part[] {
  const mesh = buildCloth(figure, neck);
  const field = Float32Array.from(mesh.field);
  const texture = pattern && patternTexture(pattern.kind, tint, pattern.tint);
  const period = pattern ? PERIOD[pattern.kind] : 1;
  const colour: Rgb = texture ? [1, 1, 1] : tint;
  const cloth: Part = {
    positions: Float32Array.from(mesh.positions),
    normals: Float32Array.from(mesh.normals),
    uv: Float32Array.from({ length: field.length * 2 }, (_, i) =>
      i & 1 ? mesh.rest[3 * (i >> 1) + 1] / period : mesh.rest[3 * (i >> 1)] / period,
    ),
    triangles: Uint32Array.from(mesh.triangles),
    material: material('cloth', { texture, blended: true, tint: colour, edge: 0.015 }),
    field,
  };
  if (hood) return [cloth, hoodPart(figure, tint)];
  if (neck === 'turtle') return [cloth];
  const band: Part = {
    ...cloth,
    positions: cloth.positions.map((p, i) => p + cloth.normals[i] * 0.012),
    field: field.map((f) => (f < 0 ? f : Math.min(f + 0.01, 0.075 - f))),
    material: material('cloth', { blended: true, tint: scale(tint, 0.72), edge: 0.02 }),
  };
  return [cloth, band];
}
