import type { BaseMesh } from '../assets/index.ts';
import type { FieldName, HeadFrame } from '../body/index.ts';
import type { Vec3 } from '../vector.ts';

/** One morphed and posed body, on which all parts are built. Positions in dm. */
export interface Figure {
  base: BaseMesh;
  vertices: Float32Array;
  normals: Float32Array;
  frame: HeadFrame;
  /** The unmorphed head's frame. */
  restFrame: HeadFrame;
  /** Triangles wholly below this height are never seen. */
  lowest: number;
  field: (name: FieldName) => Float32Array;
}

/** Whether a triangle reaches above the lowest visible height. */
export const isVisible = (
  positions: Float32Array,
  lowest: number,
  a: number,
  b: number,
  c: number,
): boolean =>
  positions[3 * a + 1] >= lowest || positions[3 * b + 1] >= lowest || positions[3 * c + 1] >= lowest;

/** The ear's region on the base mesh (x from the midline, generous). */
export const isEarRegion = (x: number, y: number, z: number): boolean =>
  x > 0.73 && y > 6.85 && y < 7.62 && z > 0.18 && z < 0.85;

/** Nearest body vertex to a point, on the base mesh or on the figure. */
export function nearestVertex(base: BaseMesh, [x, y, z]: Vec3): number {
  const v = base.vertices;
  let best = 0;
  let smallest = Infinity;
  for (const i of base.bodyVertices) {
    const distance = Math.hypot(v[3 * i] - x, v[3 * i + 1] - y, v[3 * i + 2] - z);
    if (distance < smallest) {
      smallest = distance;
      best = i;
    }
  }
  return best;
}

/**
 * Maps points around the unmorphed head to the figure's head: scaled by the head's ratios, then moved so that the
 * forehead stays in contact.
 */
export function headMap({ base, vertices, frame, restFrame }: Figure): (point: Vec3) => Vec3 {
  const scaled = (point: Vec3): Vec3 => [
    frame.centre[0] + frame.ratio[0] * (point[0] - restFrame.centre[0]),
    frame.centre[1] + frame.ratio[1] * (point[1] - restFrame.centre[1]),
    frame.centre[2] + frame.ratio[2] * (point[2] - restFrame.centre[2]),
  ];
  const forehead = nearestVertex(base, [0, 7.92, 1.45]);
  const at = scaled([
    base.vertices[3 * forehead],
    base.vertices[3 * forehead + 1],
    base.vertices[3 * forehead + 2],
  ]);
  const up = vertices[3 * forehead + 1] - at[1];
  const forward = vertices[3 * forehead + 2] - at[2];
  return (point) => {
    const [x, y, z] = scaled(point);
    return [x, y + up, z + forward];
  };
}
