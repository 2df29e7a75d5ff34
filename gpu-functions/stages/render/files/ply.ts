import type { ColouredMesh } from '../mesh/portrait-mesh.ts';
import { BinaryWriter } from './binary.ts';
import { COMMENT } from './marks.ts';

/** Binary PLY with normals and a colour a vertex, as fine as the portrait's voxels. Metres, y up. */
export function encodePly({ positions, normals, colours, indices }: ColouredMesh): Uint8Array {
  const vertices = positions.length / 3;
  const header = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      'comment metres, y up',
      `comment ${COMMENT}`,
      `element vertex ${vertices}`,
      ...['x', 'y', 'z', 'nx', 'ny', 'nz'].map((name) => `property float ${name}`),
      ...['red', 'green', 'blue'].map((name) => `property uchar ${name}`),
      `element face ${indices.length / 3}`,
      'property list uchar int vertex_indices',
      'end_header\n',
    ].join('\n'),
  );
  const file = new BinaryWriter(header.length + 27 * vertices + 13 * (indices.length / 3)).raw(header);
  for (let i = 0; i < positions.length; i += 3) {
    file.float32(positions[i], positions[i + 1], positions[i + 2]);
    file.float32(normals[i], normals[i + 1], normals[i + 2]);
    file.uint8(colours[i], colours[i + 1], colours[i + 2]);
  }
  for (let t = 0; t < indices.length; t += 3) {
    file.uint8(3).uint32(indices[t], indices[t + 1], indices[t + 2]);
  }
  return file.bytes;
}
