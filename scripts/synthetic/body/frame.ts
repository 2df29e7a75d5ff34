import type { BaseMesh } from '../assets/index.ts';
import type { Vec3 } from '../vector.ts';

/** Chin to crown in world units. */
export const HEAD_HEIGHT = 0.46;

/** Where a head is and how large: world = (dm − centre) · scale. */
export interface HeadFrame {
  /** Middle of the head, dm; becomes the world's origin. */
  centre: Vec3;
  /** World units per decimetre. */
  scale: number;
  /** Size of the head against the base mesh's, per axis. */
  ratio: Vec3;
  leftShoulder: Vec3;
  rightShoulder: Vec3;
}

/** Vertices of the base mesh that bound the head. */
export interface HeadProbe {
  top: number;
  chin: number;
  left: number;
  right: number;
  back: number;
  front: number;
}

export function joint(vertices: Float32Array, ids: readonly number[]): Vec3 {
  const mean: Vec3 = [0, 0, 0];
  for (const id of ids) for (let k = 0; k < 3; k++) mean[k] += vertices[3 * id + k] / ids.length;
  return mean;
}

/** Finds the bounding vertices on the unmorphed head. */
export function probeHead(base: BaseMesh): HeadProbe {
  const v = base.vertices;
  const eye = joint(v, base.joints['eye.L____head'])[1];
  const extreme = (score: (x: number, y: number, z: number) => number): number => {
    let best = -1;
    let bestScore = -Infinity;
    for (const i of base.bodyVertices) {
      if (base.head[i] < 0.5) continue;
      const s = score(v[3 * i], v[3 * i + 1], v[3 * i + 2]);
      if (s > bestScore) {
        bestScore = s;
        best = i;
      }
    }
    return best;
  };
  const temple = (y: number): boolean => y > eye + 0.45 && y < eye + 0.75;
  return {
    top: extreme((x, y) => y - Math.abs(x)),
    back: extreme((x, _y, z) => -z - 2 * Math.abs(x)),
    left: extreme((x, y) => (temple(y) ? x : -Infinity)),
    right: extreme((x, y) => (temple(y) ? -x : -Infinity)),
    front: extreme((x, y, z) => (y > eye + 0.35 && y < eye + 0.65 ? z - 2 * Math.abs(x) : -Infinity)),
    chin: extreme((x, y, z) =>
      Math.abs(x) < 0.05 && z > 0.9 && y > eye - 1.6 && y < eye - 0.7 ? 0.6 * z - y : -Infinity,
    ),
  };
}

const extent = (of: Float32Array, a: number, b: number, axis: number): number =>
  Math.abs(of[3 * a + axis] - of[3 * b + axis]);

/** Measures a morphed head. */
export function headFrame(base: BaseMesh, probe: HeadProbe, vertices: Float32Array): HeadFrame {
  const ratio = (a: number, b: number, axis: number): number =>
    extent(vertices, a, b, axis) / extent(base.vertices, a, b, axis);
  const top = vertices[3 * probe.top + 1];
  const chin = vertices[3 * probe.chin + 1];
  return {
    centre: [0, (top + chin) / 2, (vertices[3 * probe.back + 2] + vertices[3 * probe.front + 2]) / 2],
    scale: HEAD_HEIGHT / (top - chin),
    ratio: [
      ratio(probe.left, probe.right, 0),
      ratio(probe.top, probe.chin, 1),
      ratio(probe.back, probe.front, 2),
    ],
    leftShoulder: joint(vertices, base.joints['upperarm01.L____head']),
    rightShoulder: joint(vertices, base.joints['upperarm01.R____head']),
  };
}
