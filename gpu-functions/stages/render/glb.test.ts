import { NodeIO } from '@gltf-transform/core';
import { expect, it } from 'vitest';
import { encodeGlb } from './glb.ts';

it('writes a mesh with linear vertex colours that a reader gets back', async () => {
  const bytes = await encodeGlb({
    positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
    normals: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1),
    colours: Float32Array.of(1, 0, 0, 0, 0.5, 0, 2, -1, 0),
    indices: Uint32Array.of(0, 1, 2),
  });
  const document = await new NodeIO().readBinary(bytes);
  const [primitive] = document.getRoot().listMeshes()[0].listPrimitives();
  expect([...primitive.getIndices()!.getArray()!]).toEqual([0, 1, 2]);
  expect(primitive.getAttribute('POSITION')!.getElement(1, [])).toEqual([1, 0, 0]);
  const colour = (vertex: number) => primitive.getAttribute('COLOR_0')!.getElement(vertex, []);
  expect(colour(0)).toEqual([1, 0, 0, 1]);
  expect(colour(1)[1]).toBeCloseTo(0.214, 3);
  expect(colour(2)).toEqual([1, 0, 0, 1]);
  expect(document.getRoot().listScenes()).toHaveLength(1);
});
