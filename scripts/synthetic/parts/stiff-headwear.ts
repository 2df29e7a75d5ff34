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
  crown: [
    [0.0, 0],
    [0.02, 0.02],
    [0.05, 0.3],
    [0.1, 0.62],
  ],
} satisfies Record<string, Profile>;

const difference = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** Turns a profile around the head; `cut` gives the signed field along the ring (turn 0…1) and height, if any. */
function lathe(
  figure: Figure,
  profile: Profile,
  surface: Material,
  cut?: (turn: number, height: number) => number,
): Part {
  const place = headMap(figure);
  const positions: number[] = [];
  const normals: number[] = [];
  const field: number[] = [];
  const triangles: number[] = [];
  const point = (outward: number, height: number, angle: number): Vec3 => {
    const z = CENTRE_Z + (RADIUS_Z + outward) * Math.cos(angle);
    return place([(RADIUS_X + outward) * Math.sin(angle), HAT_LINE + height + TILT * (z - CENTRE_Z), z]);
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

/** A top hat, a sun hat or a crown; the first part is the one over the scalp. */
export function hatParts(figure: Figure, { kind, tint, band }: Hat): Part[] {
  if (kind === 'crown') {
    const metal = material('hat', { blended: true, tint, specular: 0.6, gloss: 24, edge: 0.02 });
    return [lathe(figure, PROFILES.crown, metal, spikes)];
  }
  return [
    lathe(figure, PROFILES[kind], matt(tint)),
    lathe(figure, PROFILES[`${kind} brim`], matt(tint)),
    lathe(figure, PROFILES[`${kind} band`], matt(band)),
  ];
}
