import { clamp, type Vec3 } from '../vector.ts';
import type { Part, Scene } from './scene.ts';

/** Field value of vertices that nothing cuts. */
const UNCUT = 1;

/** Half the width and depth of the box that holds a portrait, world units. */
const HALF_BOX = 0.5;

/** Arms that leave the box are flattened onto its faces: nothing lies outside, and no sleeve is cut open. */
const toWorld = (part: Part, centre: Vec3, scale: number): Part => ({
  ...part,
  positions: part.positions.map((value, i) => {
    const world = (value - centre[i % 3]) * scale;
    return i % 3 === 1 ? world : clamp(world, -HALF_BOX, HALF_BOX);
  }),
});

/** Joins parts (dm) into one unlit scene in world units: world = (dm − centre) · scale. */
export function assemble(parts: readonly Part[], centre: Vec3, scale: number): Scene {
  const pieces = parts.map((part) => toWorld(part, centre, scale));
  const vertexCount = pieces.reduce((n, piece) => n + piece.positions.length / 3, 0);
  const triangleCount = pieces.reduce((n, piece) => n + piece.triangles.length / 3, 0);
  const materials = [...new Set(pieces.map((piece) => piece.material))];
  const scene: Scene = {
    vertexCount,
    triangleCount,
    positions: new Float32Array(vertexCount * 3),
    normals: new Float32Array(vertexCount * 3),
    uv: new Float32Array(vertexCount * 2),
    field: new Float32Array(vertexCount).fill(UNCUT),
    triangles: new Uint32Array(triangleCount * 3),
    triangleMaterial: new Uint8Array(triangleCount),
    vertexMaterial: new Uint8Array(vertexCount),
    materials,
    order: new Uint32Array(triangleCount),
    opaqueCount: 0,
    sky: null,
    irradiance: new Float32Array(vertexCount * 3),
    keyVisibility: new Float32Array(vertexCount),
    keyDirection: [0, 0, 1],
    keyColour: [1, 1, 1],
  };
  let vertex = 0;
  let triangle = 0;
  for (const piece of pieces) {
    const vertices = piece.positions.length / 3;
    const triangles = piece.triangles.length / 3;
    const material = materials.indexOf(piece.material);
    scene.positions.set(piece.positions, vertex * 3);
    scene.normals.set(piece.normals, vertex * 3);
    scene.uv.set(piece.uv, vertex * 2);
    if (piece.field) scene.field.set(piece.field, vertex);
    scene.vertexMaterial.fill(material, vertex, vertex + vertices);
    scene.triangleMaterial.fill(material, triangle, triangle + triangles);
    for (let i = 0; i < piece.triangles.length; i++)
      scene.triangles[3 * triangle + i] = piece.triangles[i] + vertex;
    vertex += vertices;
    triangle += triangles;
  }
  let at = 0;
  for (const blended of [false, true]) {
    for (let t = 0; t < triangleCount; t++) {
      if (materials[scene.triangleMaterial[t]].blended === blended) scene.order[at++] = t;
    }
    if (!blended) scene.opaqueCount = at;
  }
  return scene;
}
