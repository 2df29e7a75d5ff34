import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildTopology, readFaces, type Topology } from './topology.ts';

/** Vertices of MakeHuman's base mesh hm08, helpers included. */
export const VERTICES = 19158;

/** The unmorphed body: decimetres, y up, face towards +z, the subject's left towards +x. */
export interface BaseMesh {
  vertices: Float32Array;
  topology: Topology;
  /** Index of the skin's and of the body-suit helper's triangles in `topology.group`. */
  bodyGroup: number;
  suitGroup: number;
  bodyVertices: Uint32Array;
  suitVertices: Uint32Array;
  /** Vertices whose mean is the joint; works on morphed vertices too. */
  joints: Record<string, number[]>;
  /** Skinning weight of a bone's whole subtree for each vertex. */
  leftArm: Float32Array;
  rightArm: Float32Array;
  head: Float32Array;
}

interface ModelFile {
  vertices: number[];
  faces: number[];
  uvs: number[][];
  materials: { DbgName: string }[];
  bones: { name: string; parent: number }[];
  skinIndices: number[];
  skinWeights: number[];
  metadata: { joint_pos_idxs: Record<string, number[]> };
}

/** Summed weight of the bones below and including `root`; the weights refer to the `____head` twin of a bone. */
function subtreeWeight(model: ModelFile, root: string): Float32Array {
  const rootIndex = model.bones.findIndex((bone) => bone.name === root);
  const inside = model.bones.map((_, bone) => {
    for (let b = bone; b >= 0; b = model.bones[b].parent) if (b === rootIndex) return true;
    return false;
  });
  const weight = new Float32Array(VERTICES);
  for (let i = 0; i < 4 * VERTICES; i++) {
    if (inside[model.skinIndices[i]]) weight[i >> 2] += model.skinWeights[i];
  }
  return weight;
}

export function loadBaseMesh(root: string): BaseMesh {
  const file = path.join(root, 'public/data/models/human_full_size.json');
  const model = JSON.parse(readFileSync(file, 'utf8')) as ModelFile;
  const groups = model.materials.map((material) => material.DbgName);
  const bodyGroup = groups.indexOf('body');
  const suitGroup = groups.indexOf('helper-tights');
  const body = new Set<number>();
  const suit = new Set<number>();
  for (const { vertices, material } of readFaces(model.faces)) {
    const set = material === bodyGroup ? body : material === suitGroup ? suit : undefined;
    if (set) for (const vertex of vertices) set.add(vertex);
  }
  return {
    vertices: Float32Array.from(model.vertices),
    topology: buildTopology(model.faces, model.uvs[0], (m) => m === bodyGroup || m === suitGroup),
    bodyGroup,
    suitGroup,
    bodyVertices: Uint32Array.from(body),
    suitVertices: Uint32Array.from(suit),
    joints: model.metadata.joint_pos_idxs,
    leftArm: subtreeWeight(model, 'upperarm01.L____head'),
    rightArm: subtreeWeight(model, 'upperarm01.R____head'),
    head: subtreeWeight(model, 'head____head'),
  };
}
