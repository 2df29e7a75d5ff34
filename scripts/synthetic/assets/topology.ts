/** Triangles of a mesh over unique (vertex, uv) pairs, the "render vertices". */
export interface Topology {
  /** Mesh vertex of each render vertex. */
  source: Uint32Array;
  /** Texture coordinates, two per render vertex, v upwards. */
  uv: Float32Array;
  /** Three render vertices per triangle, counter-clockwise seen from outside. */
  triangles: Uint32Array;
  /** Material (in the base mesh: vertex group) of each triangle. */
  group: Uint8Array;
}

/** One face record of the three.js JSON model format 3.1. */
interface Face {
  vertices: number[];
  uvs: number[];
  material: number;
}

/** Reads the flat face records; the bits of a record's first number say which fields follow. */
export function* readFaces(records: readonly number[]): Generator<Face> {
  let at = 0;
  while (at < records.length) {
    const type = records[at++];
    const corners = type & 1 ? 4 : 3;
    const vertices = records.slice(at, (at += corners));
    const material = type & 2 ? records[at++] : 0;
    if (type & 4) at++; // face uv
    let uvs: number[] = Array.from({ length: corners }, () => 0);
    if (type & 8) uvs = records.slice(at, (at += corners));
    at += (type & 16 ? 1 : 0) + (type & 32 ? corners : 0) + (type & 64 ? 1 : 0) + (type & 128 ? corners : 0);
    yield { vertices, uvs, material };
  }
}

/** Triangulates the faces whose material is kept. */
export function buildTopology(
  records: readonly number[],
  uvTable: readonly number[],
  keep: (material: number) => boolean = () => true,
): Topology {
  const ids = new Map<number, number>();
  const source: number[] = [];
  const uv: number[] = [];
  const triangles: number[] = [];
  const group: number[] = [];
  for (const face of readFaces(records)) {
    if (!keep(face.material)) continue;
    const corner = face.vertices.map((vertex, k) => {
      const key = vertex * 65536 + face.uvs[k];
      let id = ids.get(key);
      if (id === undefined) {
        ids.set(key, (id = source.length));
        source.push(vertex);
        uv.push(uvTable[2 * face.uvs[k]], uvTable[2 * face.uvs[k] + 1]);
      }
      return id;
    });
    triangles.push(corner[0], corner[1], corner[2]);
    group.push(face.material);
    if (corner.length === 4) {
      triangles.push(corner[0], corner[2], corner[3]);
      group.push(face.material);
    }
  }
  return {
    source: Uint32Array.from(source),
    uv: Float32Array.from(uv),
    triangles: Uint32Array.from(triangles),
    group: Uint8Array.from(group),
  };
}
