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
  const p = positions;
  for (let t = 0; t < indices.length; t += 3) {
    const a = 3 * indices[t];
    const b = 3 * indices[t + 1];
    const c = 3 * indices[t + 2];
    const ux = MM * p[b] - MM * p[a];
    const uy = MM * p[a + 2] - MM * p[b + 2];
    const uz = MM * p[b + 1] - MM * p[a + 1];
    const vx = MM * p[c] - MM * p[a];
    const vy = MM * p[a + 2] - MM * p[c + 2];
    const vz = MM * p[c + 1] - MM * p[a + 1];
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    const length = Math.hypot(nx, ny, nz) || 1;
    file.float32(nx / length, ny / length, nz / length);
    for (let corner = t; corner < t + 3; corner++) {
      const at = 3 * indices[corner];
      file.float32(MM * p[at], -MM * p[at + 2], MM * p[at + 1]);
    }
    file.uint16(0);
  }
  return file.bytes;
}
