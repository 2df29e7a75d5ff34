import { Document, NodeIO } from '@gltf-transform/core';

/** A triangle mesh with a colour a vertex. */
export interface ColouredMesh {
  /** `[vertices, 3]`, metres, y up. */
  positions: Float32Array<ArrayBuffer>;
  normals: Float32Array<ArrayBuffer>;
  /** sRGB in [0, 1], `[vertices, 3]`. */
  colours: Float32Array;
  /** Counter-clockwise seen from outside. */
  indices: Uint32Array<ArrayBuffer>;
}

const linear = (srgb: number) => (srgb <= 0.04045 ? srgb / 12.92 : ((srgb + 0.055) / 1.055) ** 2.4);

/** Binary glTF 2.0; glTF's vertex colours are linear (§3.9.2), so the mesh's sRGB colours are converted. */
export async function encodeGlb(mesh: ColouredMesh): Promise<Uint8Array> {
  const document = new Document();
  document.getRoot().getAsset().generator = 'portrait3d-service';
  const buffer = document.createBuffer();
  const accessor = (
    type: 'VEC3' | 'VEC4' | 'SCALAR',
    array: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>,
  ) => document.createAccessor().setType(type).setArray(array).setBuffer(buffer);

  const colours = new Uint16Array((mesh.colours.length / 3) * 4);
  for (let vertex = 0; vertex < colours.length / 4; vertex++) {
    for (let c = 0; c < 3; c++) {
      const srgb = Math.min(1, Math.max(0, mesh.colours[3 * vertex + c]));
      colours[4 * vertex + c] = Math.round(linear(srgb) * 65535);
    }
    colours[4 * vertex + 3] = 65535;
  }
  const material = document
    .createMaterial('portrait')
    .setMetallicFactor(0)
    .setRoughnessFactor(1)
    .setDoubleSided(true);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', mesh.positions))
    .setAttribute('NORMAL', accessor('VEC3', mesh.normals))
    .setAttribute('COLOR_0', accessor('VEC4', colours).setNormalized(true))
    .setIndices(accessor('SCALAR', mesh.indices))
    .setMaterial(material);
  const node = document
    .createNode('portrait')
    .setMesh(document.createMesh('portrait').addPrimitive(primitive));
  document.createScene('portrait').addChild(node);
  return new NodeIO().writeBinary(document);
}
