import { VERTICES, type BaseMesh, type Targets } from '../assets/index.ts';
import { joint } from './frame.ts';

/**
 * Signed fields on the body, dm, positive inside: where hair, beards and hats grow. They are defined on the unmorphed
 * base mesh, whose coordinates the constants below are, and interpolated per pixel, which gives clean edges.
 */
export type FieldName =
  | 'scalp'
  | 'fringe'
  | 'full beard'
  | 'moustache'
  | 'goatee'
  | 'chin beard'
  | 'beanie'
  | 'cap'
  | 'headscarf'
  | 'lips'
  | 'eyelids';

/** A closed outline in the (z, y) plane of the profile. */
type Outline = readonly (readonly [z: number, y: number])[];

// prettier-ignore
const SCALP: Outline = [
  [2, 8.03], [1.2, 8.0], [1.04, 7.88], [0.98, 7.55], [0.9, 7.35], [0.86, 7.05], [0.72, 7.05], [0.68, 7.45],
  [0.45, 7.58], [0.24, 7.35], [0.2, 7.0], [0.12, 6.75], [-0.2, 6.6], [-2, 6.55], [-2, 9], [2, 9],
];
// prettier-ignore
const BEARD: Outline = [
  [0.88, 7.22], [0.98, 6.95], [1.2, 6.72], [1.38, 6.76], [2, 6.76], [2, 5.95], [1.0, 6.0], [0.75, 6.3],
  [0.64, 6.6], [0.64, 6.95], [0.7, 7.22],
];
// prettier-ignore
const BEANIE: Outline = [
  [2, 7.82], [0.95, 7.62], [0.5, 7.42], [0.2, 7.2], [-0.5, 6.95], [-2, 6.9], [-2, 9], [2, 9],
];
// prettier-ignore
const CAP: Outline = [
  [2, 7.9], [0.95, 7.74], [0.5, 7.62], [0.1, 7.5], [-0.5, 7.35], [-2, 7.3], [-2, 9], [2, 9],
];

/** Signed distance to an outline, positive inside. */
function distance(outline: Outline, z: number, y: number): number {
  let nearest = Infinity;
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [z1, y1] = outline[j];
    const [z2, y2] = outline[i];
    const dz = z2 - z1;
    const dy = y2 - y1;
    const t = Math.max(0, Math.min(1, ((z - z1) * dz + (y - y1) * dy) / (dz * dz + dy * dy)));
    nearest = Math.min(nearest, Math.hypot(z - z1 - t * dz, y - y1 - t * dy));
    if (y1 > y !== y2 > y && z < (dz * (y - y1)) / dy + z1) inside = !inside;
  }
  return inside ? nearest : -nearest;
}

/** Distance outside the ellipse around the lips. */
const outsideLips = (x: number, y: number): number => (Math.hypot(x / 0.31, (y - 6.6) / 0.135) - 1) * 0.135;

const isMouthCavity = (x: number, y: number, z: number): boolean =>
  z > 0.5 && x < 0.34 && y > 6.38 && y < 6.98 && z < 1.25;

const isEar = (x: number, y: number, z: number): boolean =>
  x > 0.77 && y > 6.88 && y < 7.5 && z > 0.22 && z < 0.72;

function moustache(x: number, y: number, z: number): number {
  return Math.min(6.815 - 0.2 * x - y, y - (6.705 - 0.38 * x), 0.4 - x, z - 1.15, outsideLips(x, y) + 0.02);
}

/** The field at a vertex of the base mesh; x is its distance from the midline. */
function evaluate(
  name: Exclude<FieldName, 'lips' | 'eyelids'>,
  x: number,
  y: number,
  z: number,
  headWeight: number,
): number {
  const cavity = isMouthCavity(x, y, z);
  const underChin = z - 0.95 + (6.3 - y) * 0.3;
  switch (name) {
    case 'scalp':
      return isEar(x, y, z) ? -0.2 : distance(SCALP, z, y);
    case 'fringe': {
      // Around the back and the sides, up to a slanting line above the ears.
      const top = 7.84 - 0.1 * Math.max(0, z) - y;
      return isEar(x, y, z) ? -0.2 : Math.min(distance(SCALP, z, y), top);
    }
    case 'full beard':
      if (cavity || isEar(x, y, z) || y > 7.6) return -0.3;
      return Math.max(Math.min(distance(BEARD, z, y), outsideLips(x, y)), moustache(x, y, z));
    case 'moustache':
      return cavity ? -0.3 : moustache(x, y, z);
    case 'goatee': {
      if (cavity || z < 0.8) return -0.3;
      const chin = Math.min(0.33 - x, distance(BEARD, z, y), outsideLips(x, y), 6.64 - y, underChin);
      return Math.max(moustache(x, y, z), chin);
    }
    case 'chin beard':
      return cavity || z < 0.8 ? -0.3 : Math.min(0.24 - x, distance(BEARD, z, y), 6.46 - y, underChin);
    case 'beanie':
      return headWeight < 0.3 ? -1 : distance(BEANIE, z, y);
    case 'cap':
      return headWeight < 0.3 ? -1 : distance(CAP, z, y);
    case 'headscarf': {
      const face = z > 0.45 ? (Math.hypot(x / 0.64, (y - 7.2) / 0.94) - 1) * 0.64 : 0.5;
      return cavity ? -0.3 : Math.min(face, y - 5.8);
    }
  }
}

/** How strongly the lip volume targets move each vertex, 0…1, less 0.4. */
function lipField(targets: Targets): Float32Array {
  const field = new Float32Array(VERTICES);
  for (const name of ['mouth/mouth-lowerlip-volume-inflate', 'mouth/mouth-upperlip-volume-inflate']) {
    const target = targets.byName.get(name);
    if (!target) throw new Error(`The MakeHuman data lacks the target ${name}.`);
    const length = Array.from(target.vertices, (_, i) =>
      Math.hypot(target.offsets[3 * i], target.offsets[3 * i + 1], target.offsets[3 * i + 2]),
    );
    const largest = Math.max(...length);
    target.vertices.forEach((vertex, i) => {
      field[vertex] = Math.max(field[vertex], Math.min(1, (length[i] / largest) * 1.6));
    });
  }
  return field.map((value) => value - 0.4);
}

/** Around the eyes up to the brows, less of it below them. */
function eyelidField({ vertices, joints, bodyVertices }: BaseMesh): Float32Array {
  const [x, y] = joint(vertices, joints['eye.L____head']);
  const field = new Float32Array(VERTICES).fill(-1);
  for (const v of bodyVertices) {
    const up = vertices[3 * v + 1] - y - 0.05;
    if (vertices[3 * v + 2] < 0.9 || Math.abs(up) > 0.4) continue;
    const across = (Math.abs(vertices[3 * v]) - Math.abs(x) - 0.01) / 0.23;
    field[v] = (1 - Math.hypot(across, up / (up > 0 ? 0.13 : 0.09))) * 0.12;
  }
  return field;
}

/** Evaluates fields once and keeps them. */
export function createFields(base: BaseMesh, targets: Targets): (name: FieldName) => Float32Array {
  const known = new Map<FieldName, Float32Array>();
  const compute = (name: FieldName): Float32Array => {
    if (name === 'lips') return lipField(targets);
    if (name === 'eyelids') return eyelidField(base);
    const field = new Float32Array(VERTICES).fill(-1);
    const v = base.vertices;
    for (const i of base.bodyVertices) {
      if (v[3 * i + 1] < 4.5) continue;
      field[i] = evaluate(name, Math.abs(v[3 * i]), v[3 * i + 1], v[3 * i + 2], base.head[i]);
    }
    return field;
  };
  return (name) => {
    let field = known.get(name);
    if (!field) known.set(name, (field = compute(name)));
    return field;
  };
}
