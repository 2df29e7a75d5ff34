import type { Rgb } from '../colour.ts';
import type { Look } from '../people/look.ts';
import type { Material, Part } from '../render/index.ts';
import { cross, normalise, type Vec3 } from '../vector.ts';
import { headMap, type Figure } from './figure.ts';
import { material } from './material.ts';

type Hat = NonNullable<Look['hat']>;

/** A hat's outline from the rim upwards: distance from the head's ellipse and height above the hat line, dm. */
type Profile = readonly (readonly [outward: number, height: number])[];

const SEGMENTS = 48;
/** The ellipse of the head at the hat line on the base mesh, dm, with room for hair. */
const RADIUS_X = 0.84;
const RADIUS_Z = 1.02;
const CENTRE_Z = 0.56;
const HAT_LINE = 7.78;
/** The hat line rises towards the forehead by this much per dm. */
const TILT = 0.13;

const PROFILES = {
  'top hat brim': [
    [0.36, 0.04],
    [0.26, -0.04],
    [0, -0.06],
  ],
  'top hat': [
    [0, -0.06],
    [-0.04, 0.45],
    [0.03, 0.95],
    [0, 0.98],
    [-0.8, 0.99],
  ],
  'top hat band': [
    [0.015, -0.05],
    [-0.005, 0.2],
  ],
  'sun hat brim': [
    [0.86, -0.22],
    [0.5, -0.06],
    [0.2, 0],
    [0, 0.02],
  ],
  'sun hat': [
    [0, 0.02],
    [-0.03, 0.4],
    [-0.16, 0.66],
    [-0.42, 0.82],
    [-0.8, 0.86],
  ],
  'sun hat band': [
    [0.015, 0.04],
    [0, 0.22],
  ],
  'cowboy hat brim': [
    [0.62, 0.02],
    [0.4, -0.03],
    [0.15, -0.04],
    [0, -0.02],
  ],
  'cowboy hat': [
    [0, -0.02],
    [-0.06, 0.5],
    [-0.16, 0.86],
    [-0.3, 0.97],
    [-0.5, 0.92],
    [-0.84, 0.86],
  ],
  'cowboy hat band': [
    [0.015, 0],
    [-0.01, 0.14],
  ],
  'bucket hat brim': [
    [0.34, -0.42],
    [0.16, -0.18],
    [0.03, 0.02],
  ],
  'bucket hat': [
    [0.03, 0],
    [-0.02, 0.4],
    [-0.1, 0.66],
    [-0.22, 0.74],
    [-0.8, 0.8],
  ],
  turban: [
    [0.0, -0.26],
    [0.16, -0.2],
    [0.24, -0.02],
    [0.18, 0.14],
    [0.28, 0.26],
    [0.22, 0.42],
    [0.24, 0.52],
    [0.12, 0.72],
    [-0.1, 0.84],
    [-0.2, 0.92],
    [-0.5, 1.0],
    [-0.84, 1.04],
  ],
  helmet: [
    [0.1, -0.3],
    [0.12, -0.1],
    [0.14, 0.2],
    [0.08, 0.5],
    [-0.1, 0.76],
    [-0.4, 0.96],
    [-0.84, 1.04],
  ],
  'helmet brim': [
    [0.24, -0.12],
    [0.1, -0.06],
  ],
  'helmet band': [
    [0.135, -0.12],
    [0.15, 0.0],
  ],
  beret: [
    [0.02, 0],
    [0.2, 0.1],
    [0.38, 0.34],
    [0.34, 0.54],
    [0.1, 0.72],
    [-0.4, 0.82],
    [-0.84, 0.84],
  ],
  'beret band': [
    [0.0, -0.06],
    [0.03, 0.05],
  ],
  crown: [
    [0.0, 0],
    [0.02, 0.02],
    [0.05, 0.3],
    [0.1, 0.62],
  ],
} satisfies Record<string, Profile>;

const difference = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

interface LatheOptions {
  /** The signed field along the ring (turn 0…1) and height: where it is negative there is no hat. */
  cut?: (turn: number, height: number) => number;
  /** Moves points sideways and up, dm, by the angle from the front and the profile. */
  bend?: (angle: number, outward: number, height: number) => readonly [x: number, y: number];
}

/** Turns a profile around the head. */
function lathe(figure: Figure, profile: Profile, surface: Material, { cut, bend }: LatheOptions = {}): Part {
  const place = headMap(figure);
  const positions: number[] = [];
  const normals: number[] = [];
  const field: number[] = [];
  const triangles: number[] = [];
  const point = (outward: number, height: number, angle: number): Vec3 => {
    // Towards the top both radii shrink to nothing together.
    const deep = outward < 0 ? RADIUS_Z * (1 + outward / RADIUS_X) : RADIUS_Z + outward;
    const z = CENTRE_Z + deep * Math.cos(angle);
    const [x, y] = bend ? bend(angle, outward, height) : [0, 0];
    return place([
      (RADIUS_X + outward) * Math.sin(angle) + x,
      HAT_LINE + height + y + TILT * (z - CENTRE_Z),
      z,
    ]);
  };
  for (let i = 0; i <= SEGMENTS; i++) {
    const angle = (2 * Math.PI * i) / SEGMENTS;
    profile.forEach(([outward, height], j) => {
      const [o0, h0] = profile[Math.max(0, j - 1)];
      const [o1, h1] = profile[Math.min(profile.length - 1, j + 1)];
      const along = difference(point(o1, h1, angle), point(o0, h0, angle));
      const around = difference(point(outward, height, angle + 0.01), point(outward, height, angle - 0.01));
      positions.push(...point(outward, height, angle));
      normals.push(...normalise(cross(around, along)));
      field.push(cut ? cut(i / SEGMENTS, height) : 1);
      if (i === SEGMENTS || j === profile.length - 1) return;
      const a = i * profile.length + j;
      const b = a + profile.length;
      triangles.push(a, b, a + 1, a + 1, b, b + 1);
    });
  }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uv: new Float32Array(field.length * 2),
    triangles: Uint32Array.from(triangles),
    material: surface,
    ...(cut && { field: Float32Array.from(field) }),
  };
}

const POINTS = 8;

/** Triangular spikes around a crown. */
function spikes(turn: number, height: number): number {
  const phase = (turn * POINTS) % 1;
  return 0.3 + 0.32 * (1 - Math.abs(2 * phase - 1)) - height;
}

const matt = (colour: Rgb): Material => material('hat', { tint: colour, specular: 0.04, gloss: 10 });

/** The brim of a cowboy hat is rolled up at the sides and its crown is dented; a beret hangs to one side. */
const BEND: Partial<Record<Hat['kind'], LatheOptions['bend']>> = {
  'cowboy hat': (angle, outward, height) =>
    height > 0.5 ? [0, 0.1 * Math.cos(2 * angle)] : [0, 0.75 * Math.max(0, outward) * Math.sin(angle) ** 2],
  beret: (angle, _outward, height) => [0.3 * height, -0.22 * height * Math.max(0, Math.sin(angle))],
  turban: (angle, _outward, height) => [0, 0.16 * Math.abs(Math.sin(angle / 2)) * (0.6 - height)],
};

/** Stiff headwear; the first part is the one over the scalp. */
export function hatParts(figure: Figure, { kind, tint, band }: Hat): Part[] {
  if (kind === 'crown') {
    const metal = material('hat', { blended: true, tint, specular: 0.6, gloss: 24, edge: 0.02 });
    return [lathe(figure, PROFILES.crown, metal, { cut: spikes })];
  }
  const bend = BEND[kind];
  const options = bend ? { bend } : {};
  const cloth = kind === 'helmet' ? material('hat', { tint, specular: 0.35, gloss: 30 }) : matt(tint);
  const parts = [lathe(figure, PROFILES[kind], cloth, options)];
  for (const [name, surface] of [
    [`${kind} brim`, cloth],
    [`${kind} band`, matt(band)],
  ] as const) {
    const profile = (PROFILES as Partial<Record<string, Profile>>)[name];
    if (profile) parts.push(lathe(figure, profile, surface, options));
  }
  return parts;
}
