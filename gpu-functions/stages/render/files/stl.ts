import type { TriangleMesh } from '../mesh/surface-nets.ts';
import { BinaryWriter } from './binary.ts';

const [HEADER, TRIANGLE] = [80, 50];

/** STL knows no unit; slicers take millimetres. */
const MM = 1000;

/** Binary STL for printing: millimetres, z up, the face toward −y, as slicers expect. */
export function encodeStl({ positions, indices }: TriangleMesh): Uint8Array {
  const triangles = indices.length / 3;
  const header = new Uint8Array(HEADER);
  header.set(new TextEncoder().encode('portrait, millimetres, z up; made by AI: trainedAlgorithmicMedia'));
  const file = new BinaryWriter(HEADER + 4 + TRIANGLE * triangles).raw(header).uint32(triangles);
  const at = (vertex: number) => {
    const [x, y, z] = positions.subarray(3 * vertex, 3 * vertex + 3);
    return [MM * x, -MM * z, MM * y] as const;
  };
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [at(indices[t]), at(indices[t + 1]), at(indices[t + 2])];
    file.float32(...normalOf(a, b, c), ...a, ...b, ...c).uint16(0);
  }
  return file.bytes;
}

type Point = readonly [x: number, y: number, z: number];

function normalOf(a: Point, b: Point, c: Point): Point {
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const [vx, vy, vz] = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
  const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}
