import { Document, NodeIO } from '@gltf-transform/core';
import { KHRMaterialsUnlit, KHRXMP } from '@gltf-transform/extensions';
import type { TexturedMesh } from '../mesh/portrait-mesh.ts';
import { CREATOR_TOOL, DIGITAL_SOURCE_TYPE } from './marks.ts';

/** glTF's wrap mode for coordinates that stay in [0, 1] (`CLAMP_TO_EDGE`), and filters (`LINEAR`, `LINEAR_MIPMAP_LINEAR`). */
const [CLAMP, LINEAR, TRILINEAR] = [33071, 9729, 9987] as const;

/**
 * Binary glTF 2.0, all in one file. The texture already holds the light of the portrait, so the material is unlit
 * (`KHR_materials_unlit`); viewers that do not know it show a rough, non-metallic surface.
 */
export async function encodeGlb(mesh: TexturedMesh, jpeg: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const document = new Document();
  document.getRoot().getAsset().generator = CREATOR_TOOL;
  const xmp = document
    .createExtension(KHRXMP)
    .createPacket()
    .setContext({
      xmp: 'http://ns.adobe.com/xap/1.0/',
      Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
    })
    .setProperty('xmp:CreatorTool', CREATOR_TOOL)
    .setProperty('Iptc4xmpExt:DigitalSourceType', DIGITAL_SOURCE_TYPE);
  document.getRoot().setExtension('KHR_xmp_json_ld', xmp);
  const buffer = document.createBuffer();
  const accessor = (type: 'VEC2' | 'VEC3', array: Float32Array<ArrayBuffer>) =>
    document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
  const texture = document.createTexture('portrait').setImage(jpeg).setMimeType('image/jpeg');
  const material = document
    .createMaterial('portrait')
    .setBaseColorTexture(texture)
    .setMetallicFactor(0)
    .setRoughnessFactor(1)
    .setExtension('KHR_materials_unlit', document.createExtension(KHRMaterialsUnlit).createUnlit());
  material
    .getBaseColorTextureInfo()!
    .setWrapS(CLAMP)
    .setWrapT(CLAMP)
    .setMagFilter(LINEAR)
    .setMinFilter(TRILINEAR);
  // Seen from 65,535 vertices on, 32-bit indices are needed; 65,535 itself is glTF's primitive restart.
  const indices = mesh.positions.length / 3 < 65_535 ? Uint16Array.from(mesh.indices) : mesh.indices;
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', mesh.positions))
    .setAttribute('NORMAL', accessor('VEC3', mesh.normals))
    .setAttribute('TEXCOORD_0', accessor('VEC2', mesh.uvs))
    .setIndices(document.createAccessor().setType('SCALAR').setArray(indices).setBuffer(buffer))
    .setMaterial(material);
  const node = document
    .createNode('portrait')
    .setMesh(document.createMesh('portrait').addPrimitive(primitive));
  document.createScene('portrait').addChild(node);
  return new NodeIO().registerExtensions([KHRMaterialsUnlit, KHRXMP]).writeBinary(document);
}
