import type { TriangleMesh } from '../mesh/surface-nets.ts';

/** The mesh with vertices at exactly one place made one: seams of a texture are no holes. */
export function welded({ positions, indices }: TriangleMesh): TriangleMesh {
  const places = new Map<string, number>();
  const kept: number[] = [];
  const placeOf = Array.from({ length: positions.length / 3 }, (_, i) => {
    const place = [...positions.subarray(3 * i, 3 * i + 3)];
    const key = place.join(' ');
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, places.size);
    kept.push(...place);
    return places.size - 1;
  });
  return { positions: Float32Array.from(kept), indices: indices.map((vertex) => placeOf[vertex]) };
}
