import type { Voxels } from '../../views/voxels.ts';
import { cornerNormals, vertexNormals } from './normals.ts';
import { silhouetteLevel } from './silhouette-level.ts';
import { simplify } from './simplify.ts';
import { smoothDensity } from './smooth.ts';
import { solidOf } from './solid.ts';
import { fromTheFront, surfaceColour } from './surface-colour.ts';
import { surfaceNets, type TriangleMesh } from './surface-nets.ts';
import { bakeTexture, type Texture } from './texture.ts';
import { unwrap } from './unwrap.ts';

/** A mesh with a texture: metres, y up, the face toward +z, standing on y = 0. */
export interface TexturedMesh extends TriangleMesh {
  readonly normals: Float32Array<ArrayBuffer>;
  /** `[vertices, 2]` from the top left of the texture. */
  readonly uvs: Float32Array<ArrayBuffer>;
  readonly texture: Texture;
}

/** A closed mesh with a colour a vertex, as fine as the voxels: metres, y up, the face toward +z, standing on y = 0. */
export interface ColouredMesh extends TriangleMesh {
  readonly normals: Float32Array<ArrayBuffer>;
  /** sRGB, `[vertices, 3]`. */
  readonly colours: Uint8Array<ArrayBuffer>;
}

export interface MeshSettings {
  /** Triangles of the simplified mesh. */
  meshTriangles: number;
  /** Side of its texture in texels. */
  textureSize: number;
  metresPerUnit: number;
}

export interface PortraitMeshes {
  readonly textured?: TexturedMesh;
  readonly coloured?: ColouredMesh;
}

/** Those meshes of a portrait that are wanted, with the outlines that it has to cameras of some labels. */
export async function portraitMeshes(
  voxels: Voxels,
  outlines: readonly ArrayLike<number>[],
  settings: MeshSettings,
  wanted: { readonly textured: boolean; readonly coloured: boolean },
): Promise<PortraitMeshes> {
  const surface = portraitSurface(voxels, outlines);
  return {
    ...(wanted.textured && { textured: await texturedMesh(voxels, surface, settings) }),
    ...(wanted.coloured && { coloured: colouredMesh(voxels, surface, settings.metresPerUnit) }),
  };
}

/** The surface of a baked portrait in world units: one closed piece, triangles counter-clockwise seen from outside. */
export function portraitSurface({ density }: Voxels, outlines: readonly ArrayLike<number>[]): TriangleMesh {
  const smooth = smoothDensity(density);
  return surfaceNets(solidOf(smooth, silhouetteLevel(smooth, outlines)));
}

/** The surface simplified, unfolded, and with the colours that the volume shows. */
export async function texturedMesh(
  voxels: Voxels,
  surface: TriangleMesh,
  settings: MeshSettings,
): Promise<TexturedMesh> {
  const simple = await simplify(surface, settings.meshTriangles);
  const unwrapped = await unwrap(simple, settings.textureSize);
  const mesh = splitCorners(simple, unwrapped, cornerNormals(simple, surface));
  const texture = bakeTexture(mesh, settings.textureSize, fromTheFront(surfaceColour(voxels)));
  return { ...mesh, positions: inMetres(mesh.positions, settings.metresPerUnit), texture };
}

/** The surface as it is, with the colours of its vertices. */
export function colouredMesh(voxels: Voxels, surface: TriangleMesh, metresPerUnit: number): ColouredMesh {
  const { positions, indices } = surface;
  const normals = vertexNormals(surface);
  const colours = new Uint8Array(positions.length);
  const colourAt = fromTheFront(surfaceColour(voxels));
  const colour = new Float32Array(3);
  const [p, n] = [positions, normals];
  for (let i = 0; i < positions.length; i += 3) {
    colourAt(p[i], p[i + 1], p[i + 2], n[i], n[i + 1], n[i + 2], colour);
    for (let c = 0; c < 3; c++) colours[i + c] = Math.round(colour[c]);
  }
  return { positions: inMetres(positions, metresPerUnit), indices, normals, colours };
}

/** A copy of a vertex for each place it has in the texture and each normal it has there. */
function splitCorners(
  { positions }: TriangleMesh,
  { source, uvs, indices }: { source: Uint32Array; uvs: Float32Array; indices: Uint32Array },
  normals: Float32Array,
): Omit<TexturedMesh, 'texture'> {
  const copies = new Map<string, number>();
  const from: { vertex: number; corner: number }[] = [];
  const renumbered = indices.map((vertex, corner) => {
    const direction = [0, 1, 2].map((axis) => Math.round(normals[3 * corner + axis] * 64));
    const key = `${vertex} ${direction.join(' ')}`;
    const known = copies.get(key) ?? from.push({ vertex, corner }) - 1;
    copies.set(key, known);
    return known;
  });
  const gather = (values: Float32Array, size: number, at: (copy: (typeof from)[number]) => number) => {
    const gathered = new Float32Array(size * from.length);
    from.forEach((copy, i) =>
      gathered.set(values.subarray(size * at(copy), size * at(copy) + size), size * i),
    );
    return gathered;
  };
  return {
    positions: gather(positions, 3, ({ vertex }) => source[vertex]),
    normals: gather(normals, 3, ({ corner }) => corner),
    uvs: gather(uvs, 2, ({ vertex }) => vertex),
    indices: renumbered,
  };
}

/** World units (y up, the face toward +z) to metres above the lowest point. */
function inMetres(positions: Float32Array, metresPerUnit: number): Float32Array<ArrayBuffer> {
  let lowest = Infinity;
  for (let i = 1; i < positions.length; i += 3) lowest = Math.min(lowest, positions[i]);
  return Float32Array.from(positions, (x, i) => (i % 3 === 1 ? x - lowest : x) * metresPerUnit);
}
