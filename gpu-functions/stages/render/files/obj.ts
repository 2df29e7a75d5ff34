import { strToU8, zipSync } from 'fflate';
import type { TexturedMesh } from '../mesh/portrait-mesh.ts';
import { COMMENT } from './marks.ts';

const MATERIAL = `newmtl portrait
Ka 0 0 0
Kd 1 1 1
Ks 0 0 0
illum 1
map_Kd portrait.jpg
`;

/** Any day will do, but always the same one: equal portraits are equal bytes. */
const DATE = new Date(2000, 0, 1);

/** A ZIP of `portrait.obj`, `portrait.mtl` and `portrait.jpg` (Wavefront). Metres, y up. */
export function encodeObj(mesh: TexturedMesh, jpeg: Uint8Array): Uint8Array {
  const files = {
    'portrait.obj': strToU8(objText(mesh)),
    'portrait.mtl': strToU8(MATERIAL),
    'portrait.jpg': [jpeg, { level: 0 }] as [Uint8Array, { level: 0 }],
  };
  return zipSync(files, { level: 6, mtime: DATE });
}

function objText({ positions, normals, uvs, indices }: TexturedMesh): string {
  const lines = ['# metres, y up', `# ${COMMENT}`, 'mtllib portrait.mtl', 'o portrait'];
  // Vertices at one place are written once, so that the mesh is closed in programs that do not weld.
  const place = new Map<string, number>();
  const placeOf = Array.from({ length: positions.length / 3 }, (_, i) => {
    const line = `v ${triple(positions, i, 5)}`;
    const known = place.get(line);
    if (known !== undefined) return known;
    place.set(line, place.size + 1);
    return place.size;
  });
  lines.push(...place.keys());
  for (let i = 0; i < uvs.length; i += 2)
    lines.push(`vt ${uvs[i].toFixed(6)} ${(1 - uvs[i + 1]).toFixed(6)}`);
  for (let i = 0; i < normals.length / 3; i++) lines.push(`vn ${triple(normals, i, 4)}`);
  lines.push('usemtl portrait');
  for (let t = 0; t < indices.length; t += 3) {
    const corners = [...indices.subarray(t, t + 3)].map((i) => `${placeOf[i]}/${i + 1}/${i + 1}`);
    lines.push(`f ${corners.join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function triple(values: Float32Array, i: number, digits: number): string {
  return [...values.subarray(3 * i, 3 * i + 3)].map((x) => x.toFixed(digits)).join(' ');
}
