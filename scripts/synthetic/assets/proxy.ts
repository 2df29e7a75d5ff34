import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildTopology, type Topology } from './topology.ts';

/** A mesh bound to the body (hair, clothes, eyes…): position = Σₖ weightₖ · bodyVertexₖ + offset, in the rest pose. */
export interface Proxy {
  vertices: number;
  /** Three body vertices, weights and one offset (dm) per vertex. */
  reference: Uint32Array;
  weights: Float32Array;
  offsets: Float32Array;
  topology: Topology;
  /** 1 for body vertices to hide under this proxy. */
  hides: Uint8Array | null;
  /** Files of the colour variants. */
  materials: { name: string; file: string | null }[];
}

interface ProxyFile {
  vertices: number[];
  faces: number[];
  uvs: number[][];
  materials: { DbgName: string; mapDiffuse?: string }[];
  metadata: {
    ref_vIdxs: number[][];
    weights: number[][];
    offsets: number[][];
    deleteVerts?: (number | boolean)[];
  };
}

/** Above this a binding extrapolates so far that small morphs tear the mesh apart. */
const LARGEST_WEIGHT = 1.45;

/** Rebinds an ill-conditioned vertex rigidly to the centroid of its reference triangle. */
function rebind(proxy: Proxy, vertex: number, body: Float32Array): void {
  const { reference, weights, offsets } = proxy;
  for (let axis = 0; axis < 3; axis++) {
    let rest = offsets[3 * vertex + axis];
    for (let k = 0; k < 3; k++) {
      rest += (weights[3 * vertex + k] - 1 / 3) * body[3 * reference[3 * vertex + k] + axis];
    }
    offsets[3 * vertex + axis] = rest;
  }
  weights.fill(1 / 3, 3 * vertex, 3 * vertex + 3);
}

/** Loads `proxies/<key>`; `body` is the unmorphed base mesh. Some files spell numbers as strings. */
export function loadProxy(root: string, key: string, body: Float32Array): Proxy {
  const folder = path.join(root, 'public/data/proxies', key);
  const file = JSON.parse(readFileSync(path.join(folder, `${path.basename(key)}.json`), 'utf8')) as ProxyFile;
  const { metadata } = file;
  const flagged = metadata.deleteVerts?.map((flag) => (flag ? 1 : 0));
  const proxy: Proxy = {
    vertices: file.vertices.length / 3,
    reference: Uint32Array.from(metadata.ref_vIdxs.flat()),
    weights: Float32Array.from(metadata.weights.flat()),
    offsets: Float32Array.from(metadata.offsets.flat()),
    topology: buildTopology(file.faces, file.uvs[0]),
    hides: flagged?.includes(1) ? Uint8Array.from(flagged) : null,
    materials: file.materials.map((material) => ({
      name: material.DbgName,
      file: material.mapDiffuse === undefined ? null : path.join(folder, material.mapDiffuse),
    })),
  };
  for (let v = 0; v < proxy.vertices; v++) {
    const largest = Math.max(...proxy.weights.subarray(3 * v, 3 * v + 3).map(Math.abs));
    if (largest >= LARGEST_WEIGHT) rebind(proxy, v, body);
  }
  return proxy;
}
