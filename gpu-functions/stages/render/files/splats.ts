import type { ColouredMesh } from '../mesh/portrait-mesh.ts';
import { BinaryWriter } from './binary.ts';
import { COMMENT } from './marks.ts';

/** Value of the spherical harmonic of degree 0: colour = 0.5 + SH0 · f_dc (Kerbl et al. 2023, reference code). */
const SH0 = 0.28209479177387814;

/** Standard deviations along the surface, and across it, as shares of the distance to neighbouring splats. */
const [ALONG, ACROSS] = [0.6, 0.12];

/** Opacity of a splat: several overlap everywhere. */
const OPACITY = 0.95;

const PROPERTIES =
  'x y z nx ny nz f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1 scale_2 rot_0 rot_1 rot_2 rot_3'.split(' ');

/**
 * 3D Gaussians in the PLY of the reference implementation (Kerbl et al. 2023): a flat disc at each vertex of the
 * surface, its third axis along the normal. Opacity as logit, scales as logarithms, rotation as quaternion (w, x, y, z),
 * colour as the harmonic of degree 0. Metres, and that format's axes: x right, y down, the face toward −z.
 */
export function encodeSplats({ positions, normals, colours, indices }: ColouredMesh): Uint8Array {
  const count = positions.length / 3;
  const spacing = meanSpacing(positions, indices);
  const header = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      `comment ${COMMENT}`,
      `element vertex ${count}`,
      ...PROPERTIES.map((name) => `property float ${name}`),
      'end_header\n',
    ].join('\n'),
  );
  const file = new BinaryWriter(header.length + 4 * PROPERTIES.length * count).raw(header);
  const along = Math.log(ALONG * spacing);
  const across = Math.log(ACROSS * spacing);
  const logit = Math.log(OPACITY / (1 - OPACITY));
  for (let i = 0; i < positions.length; i += 3) {
    // Half a turn about x: y up and z forward become y down and z back.
    const [nx, ny, nz] = [normals[i], -normals[i + 1], -normals[i + 2]];
    file.float32(positions[i], -positions[i + 1], -positions[i + 2], nx, ny, nz);
    for (let c = 0; c < 3; c++) file.float32((colours[i + c] / 255 - 0.5) / SH0);
    file.float32(logit, along, along, across, ...turnFromZ(nx, ny, nz));
  }
  return file.bytes;
}

/** The shortest turn from the z axis to a unit vector, as a unit quaternion (w, x, y, z). */
export function turnFromZ(x: number, y: number, z: number): [w: number, x: number, y: number, z: number] {
  if (z < -0.999999) return [0, 1, 0, 0];
  const length = Math.hypot(1 + z, x, y);
  return [(1 + z) / length, -y / length, x / length, 0];
}

/** Root of the mean area of a vertex: half of the triangles have as many vertices as a closed mesh. */
function meanSpacing(p: Float32Array, indices: Uint32Array): number {
  let twice = 0;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [3 * indices[t], 3 * indices[t + 1], 3 * indices[t + 2]];
    const [ux, uy, uz] = [p[b] - p[a], p[b + 1] - p[a + 1], p[b + 2] - p[a + 2]];
    const [vx, vy, vz] = [p[c] - p[a], p[c + 1] - p[a + 1], p[c + 2] - p[a + 2]];
    twice += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
  }
  return Math.sqrt(twice / 2 / (p.length / 3));
}
