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
  const copies = new Map<number, number>();
  const corners: number[] = [];
  const renumbered = new Uint32Array(indices.length);
  for (let corner = 0; corner < indices.length; corner++) {
    const n = 3 * corner;
    const key =
      ((indices[corner] * DIRECTIONS + directionOf(normals[n])) * DIRECTIONS + directionOf(normals[n + 1])) *
        DIRECTIONS +
      directionOf(normals[n + 2]);
    let copy = copies.get(key);
    if (copy === undefined) {
      copy = corners.push(corner) - 1;
      copies.set(key, copy);
    }
    renumbered[corner] = copy;
  }
  const mesh = {
    positions: new Float32Array(3 * corners.length),
    normals: new Float32Array(3 * corners.length),
    uvs: new Float32Array(2 * corners.length),
    indices: renumbered,
  };
  corners.forEach((corner, copy) => {
    const vertex = indices[corner];
    for (let axis = 0; axis < 3; axis++) {
      mesh.positions[3 * copy + axis] = positions[3 * source[vertex] + axis];
      mesh.normals[3 * copy + axis] = normals[3 * corner + axis];
    }
    mesh.uvs[2 * copy] = uvs[2 * vertex];
    mesh.uvs[2 * copy + 1] = uvs[2 * vertex + 1];
  });
  return mesh;
}

/** Steps from −1 to 1 by which the parts of normals are told apart, and how many values there are. */
const FINENESS = 64;
const DIRECTIONS = 2 * FINENESS + 1;

const directionOf = (part: number) => Math.round(part * FINENESS) + FINENESS;

/** World units (y up, the face toward +z) to metres above the lowest point. */
function inMetres(positions: Float32Array, metresPerUnit: number): Float32Array<ArrayBuffer> {
  let lowest = Infinity;
  for (let i = 1; i < positions.length; i += 3) lowest = Math.min(lowest, positions[i]);
  const metres = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    metres[i] = positions[i] * metresPerUnit;
    metres[i + 1] = (positions[i + 1] - lowest) * metresPerUnit;
    metres[i + 2] = positions[i + 2] * metresPerUnit;
  }
  return metres;
}
