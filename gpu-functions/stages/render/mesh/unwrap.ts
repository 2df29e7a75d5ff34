import * as watlas from 'watlas';
import type { TriangleMesh } from './surface-nets.ts';

/** A mesh cut open along seams and laid out flat. */
export interface UnwrappedMesh {
  /** Vertex of the mesh that each vertex is a copy of. */
  readonly source: Uint32Array;
  /** `[vertices, 2]` in [0, 1], from the top left of the texture. */
  readonly uvs: Float32Array<ArrayBuffer>;
  /** `[triangles, 3]`, in the order of the mesh's triangles. */
  readonly indices: Uint32Array<ArrayBuffer>;
}

/**
 * Costs by which xatlas grows charts (its defaults: normals 2, roundness 0.01). Ones that turn less are found sooner, and few of them
 * fold over when they are laid flat and have to be cut anew.
 */
const CHARTS = { maxIterations: 1, normalDeviationWeight: 4, roundnessWeight: 0 };

/** Texels between charts: enough for bilinear filtering on two mipmap levels. */
const PADDING = 4;

/** Share of the texture's side that a packing may leave over, and the share aimed at. */
const [SLACK, AIM] = [0.03, 0.985];

/** Packings after which any that fits is taken. */
const TRIES = 4;

/** Texture sides to a world unit that a bust's charts take about. */
const FIRST_SCALE = 0.57;

/**
 * Charts by xatlas, packed into one square texture of `size` texels: no triangle lies on another, and charts keep a
 * distance.
 */
export async function unwrap({ positions, indices }: TriangleMesh, size: number): Promise<UnwrappedMesh> {
  await watlas.Initialize();
  const atlas = new watlas.Atlas();
  try {
    atlas.addMesh({
      vertexPositionData: positions,
      vertexCount: positions.length / 3,
      vertexPositionStride: 3 * Float32Array.BYTES_PER_ELEMENT,
      indexData: indices,
      indexCount: indices.length,
    });
    atlas.computeCharts(CHARTS);
    pack(atlas, size);
    const mesh = atlas.getMesh(0);
    const unwrapped = {
      source: new Uint32Array(mesh.vertexCount),
      uvs: new Float32Array(2 * mesh.vertexCount),
      indices: new Uint32Array(mesh.indexCount),
    };
    mesh.getIndexArray(unwrapped.indices);
    for (let i = 0; i < mesh.vertexCount; i++) {
      const { uv, xref } = mesh.getVertex(i);
      unwrapped.source[i] = xref;
      unwrapped.uvs.set([uv[0] / size, uv[1] / size], 2 * i);
    }
    return unwrapped;
  } finally {
    atlas.delete();
  }
}

/** Packs the charts as large as the texture holds, which is only known afterwards. */
function pack(atlas: watlas.Atlas, size: number): void {
  // A packing half as large takes under half of the time, and tells its size to a few hundredths.
  atlas.packCharts({ padding: PADDING / 2, bilinear: true, texelsPerUnit: (FIRST_SCALE * size) / 2 });
  let texelsPerUnit = (FIRST_SCALE * AIM * size ** 2) / (2 * Math.max(atlas.width, atlas.height));
  for (let tries = 1; ; tries++) {
    atlas.packCharts({ padding: PADDING, bilinear: true, texelsPerUnit });
    const side = Math.max(atlas.width, atlas.height);
    if (side <= size && (side >= (1 - SLACK) * size || tries >= TRIES)) return;
    // Larger charts may need disproportionately more room: aim below the goal, and in the end only shrink.
    const factor = (AIM * size) / side;
    texelsPerUnit *= tries < TRIES ? factor : Math.min(factor, 1 - SLACK);
  }
}
