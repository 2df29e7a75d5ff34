import type { Texture } from '../assets/index.ts';
import type { Look } from '../people/look.ts';
import type { Material, Part } from '../render/index.ts';
import { clamp, type Vec3 } from '../vector.ts';
import { ballPart } from './ball.ts';
import { headMap, nearestVertex, type Figure } from './figure.ts';
import { material } from './material.ts';
import { refinedShell } from './refined-shell.ts';
import { addTube, tubePart, type TubeMesh } from './tube.ts';

type Grown = NonNullable<Look['grown']>;

/** Textures of hair that is no proxy of the data. */
export interface HairTextures {
  curls: Texture;
  strands: Texture;
}

const surface = (tint: Grown['tint'], texture: Texture, change: Partial<Material> = {}): Material =>
  material('hair', { texture, recolour: true, tint, gamma: 0.7, specular: 0.05, gloss: 18, ...change });

/** Lumps about 0.3 dm wide, −1…1. */
const lumps = ([x, y, z]: Vec3): number =>
  Math.sin(19 * x + 2 * Math.sin(7 * y)) *
  Math.sin(18 * y + 2 * Math.sin(8 * z)) *
  Math.cos(17 * z + 2 * Math.sin(9 * x));

/** A thick layer of curls over the scalp, thicker on top. */
function curls(figure: Figure, { tint, volume }: Grown, { curls: texture }: HairTextures): Part[] {
  const height = (rest: Vec3): number =>
    volume * (0.22 + 0.16 * clamp(rest[1] - 7.6, 0, 1)) * (1 + 0.35 * lumps(rest));
  const hair = surface(tint, texture, { blended: true, edge: 0.05, specular: 0.03, gloss: 10 });
  return [refinedShell(figure, figure.field('scalp'), height, hair, 0.75)];
}

/** Vertices of the scalp's midline from the forehead to the nape. */
function midline({ base, field }: Figure): number[] {
  const scalp = field('scalp');
  const v = base.vertices;
  const turn = (i: number): number => Math.atan2(v[3 * i + 1] - 7.5, v[3 * i + 2] - 0.5);
  const around = (i: number): number => (turn(i) < -2 ? turn(i) + 2 * Math.PI : turn(i));
  return [...base.bodyVertices]
    .filter((i) => Math.abs(v[3 * i]) < 0.02 && scalp[i] > 0.02 && v[3 * i + 1] > 6.8)
    .toSorted((a, b) => around(a) - around(b));
}

const ACROSS = 6;

/** A crest from the forehead to the nape, of spikes that stand closely. */
function mohawk(figure: Figure, { tint, volume }: Grown, { strands }: HairTextures): Part[] {
  const line = midline(figure);
  const positions: number[] = [];
  const normals: number[] = [];
  const uv: number[] = [];
  const triangles: number[] = [];
  line.forEach((v, i) => {
    const along = i / (line.length - 1);
    const tall = volume * 0.5 * Math.sin(Math.PI * clamp(0.18 + 0.74 * along, 0, 1)) * (i % 2 ? 1 : 0.84);
    for (let j = 0; j <= ACROSS; j++) {
      const side = (2 * j) / ACROSS - 1;
      const up = tall * (1 - side * side) - 0.04;
      const wide = 0.2 * Math.sign(side) * Math.abs(side) ** 1.5;
      for (let k = 0; k < 3; k++) {
        positions.push(figure.vertices[3 * v + k] + up * figure.normals[3 * v + k] + (k === 0 ? wide : 0));
        normals.push(0.45 * figure.normals[3 * v + k] + (k === 0 ? 0.9 * Math.sign(side) : 0));
      }
      uv.push(along * 3, up);
      if (i === line.length - 1 || j === ACROSS) continue;
      const a = i * (ACROSS + 1) + j;
      const b = a + ACROSS + 1;
      triangles.push(a, a + 1, b, a + 1, b + 1, b);
    }
  });
  return [
    {
      positions: Float32Array.from(positions),
      normals: Float32Array.from(normals),
      uv: Float32Array.from(uv),
      triangles: Uint32Array.from(triangles),
      material: surface(tint, strands),
    },
  ];
}

/** Two tails that hang from behind the ears. */
function pigtails(figure: Figure, { tint, volume }: Grown, { strands }: HairTextures): Part[] {
  const place = headMap(figure);
  const mesh: TubeMesh = { positions: [], normals: [], triangles: [] };
  for (const side of [-1, 1]) {
    const path = Array.from({ length: 12 }, (_, i): Vec3 => {
      const t = i / 11;
      return place([
        side * (0.72 + 0.42 * Math.sin(Math.min(1, 1.6 * t) * 1.5)),
        7.5 - 0.35 * t - 1.2 * t * t,
        0.12 + 0.25 * t,
      ]);
    });
    const width = (t: number): number => volume * 0.2 * (0.5 + 1.1 * Math.sin(Math.PI * (0.08 + 0.86 * t)));
    addTube(mesh, path, (t) => (t === 0 || t === 1 ? 0.02 : width(t)), false);
  }
  return [tubePart(mesh, surface(tint, strands))];
}

/** Spacing of dreadlocks on the scalp, dm. */
const SPACING = 0.24;

/** Vertices of the base mesh from which locks hang, one a cell of a grid. */
function lockRoots({ base, field }: Figure): number[] {
  const scalp = field('scalp');
  const cells = new Map<string, number>();
  for (const v of base.bodyVertices) {
    if (scalp[v] < 0.05) continue;
    const cell = [0, 1, 2].map((k) => Math.round(base.vertices[3 * v + k] / SPACING)).join();
    if (!cells.has(cell)) cells.set(cell, v);
  }
  return [...cells.values()];
}

/** An ellipsoid around the skull on which locks lie before they hang, base mesh, dm. */
const SKULL = { y: 7.72, z: 0.5, radii: [0.92, 1.02, 1.12] };
/** The part of the face, to either side of straight on, that locks leave open, radians. */
const OPEN = 1.2;

function lockPath([x, y, z]: Vec3, length: number, jitter: number): Vec3[] {
  const [rx, ry, rz] = SKULL.radii;
  const polar = Math.acos(clamp((y - SKULL.y) / ry, -1, 1));
  const from = Math.atan2(x / rx, (z - SKULL.z) / rz);
  const side = x === 0 ? 1 : Math.sign(x);
  const to = side * Math.max(Math.abs(from), OPEN + 0.25 * jitter);
  const lie = 6;
  const points: Vec3[] = [];
  for (let i = 0; i <= lie; i++) {
    const t = i / lie;
    const p = polar + (Math.max(polar, 1.65) - polar) * t;
    const a = from + (to - from) * Math.min(1, 1.4 * t);
    const r = 0.86 + 0.14 * t + 0.06 * jitter * t;
    const lift = Math.sin(p) * r;
    points.push([rx * lift * Math.sin(a), SKULL.y + ry * r * Math.cos(p), SKULL.z + rz * lift * Math.cos(a)]);
  }
  const [hx, hy, hz] = points[lie];
  for (let i = 1; i <= 4; i++) {
    const t = i / 4;
    points.push([hx * (1 + 0.08 * t), hy + (length - hy) * t, hz + 0.1 * t * (0.3 - hz)]);
  }
  return points;
}

/** Locks that lie on the scalp and hang to the chin or the shoulders. */
function dreadlocks(figure: Figure, { tint, volume }: Grown, { strands }: HairTextures): Part[] {
  const place = headMap(figure);
  const mesh: TubeMesh = { positions: [], normals: [], triangles: [] };
  for (const v of lockRoots(figure)) {
    const root = [...figure.base.vertices.subarray(3 * v, 3 * v + 3)] as Vec3;
    const jitter = ((Math.imul(v, 2654435761) >>> 0) / 4294967296) * 2 - 1;
    const length = 6.9 - 1.1 * (volume - 0.5) + 0.12 * jitter;
    const path = lockPath(root, Math.min(length, root[1] - 0.1), jitter).map(place);
    addTube(mesh, path, (t) => 0.065 * (1 - 0.3 * t), false);
  }
  return [tubePart(mesh, surface(tint, strands))];
}

/** Where on the base mesh a knot of hair sits. */
const KNOTS: Readonly<Partial<Record<Grown['kind'], Vec3>>> = {
  bun: [0, 8.0, -0.5],
  'top knot': [0, 8.75, 0.35],
};

function knot(figure: Figure, { kind, tint, volume }: Grown, { strands }: HairTextures): Part[] {
  const v = nearestVertex(figure.base, KNOTS[kind]!);
  const r = 0.34 * volume;
  const centre = [0, 1, 2].map(
    (k) => figure.vertices[3 * v + k] + 0.85 * r * figure.normals[3 * v + k],
  ) as Vec3;
  return [
    ballPart((point) => point, { centre, radii: [r, 0.88 * r, r], uneven: 0.04 }, surface(tint, strands)),
  ];
}

const GROW: Readonly<
  Record<Grown['kind'], (figure: Figure, grown: Grown, textures: HairTextures) => Part[]>
> = {
  curls,
  mohawk,
  pigtails,
  dreadlocks,
  bun: knot,
  'top knot': knot,
};

/** Hair that is no proxy of the data: curls, a crest, tails, locks, knots. */
export const grownHairParts = (figure: Figure, grown: Grown, textures: HairTextures): Part[] =>
  GROW[grown.kind](figure, grown, textures);
