import { overWhite } from '../picture.ts';
import { voxelView } from '../views/voxel-view.ts';
import type { Voxels } from '../views/voxels.ts';
import type { Frames } from './files/frames.ts';
import type { MeshSettings, PortraitMeshes } from './mesh/portrait-mesh.ts';

/** What a studio's workers draw from. This module keeps clear of the networks: every thread loads it. */
export interface Sitting {
  readonly voxels: Voxels;
  /** Labels of cameras to which the meshes have the outlines that the volume has. */
  readonly outlines: readonly ArrayLike<number>[];
  readonly settings: MeshSettings;
}

/** One thing to make: a premultiplied picture from a camera's label, a picture over white, meshes, or a video. */
export type Task =
  | { readonly kind: 'view'; readonly label: ArrayLike<number>; readonly size: number }
  | { readonly kind: 'frame'; readonly label: ArrayLike<number>; readonly size: number }
  | { readonly kind: 'meshes'; readonly textured: boolean; readonly coloured: boolean }
  | { readonly kind: 'mp4'; readonly frames: Frames };

export type TaskResult<K extends Task['kind']> = {
  /** Planar `[4, size, size]`, as in a Picture. */
  view: Float32Array;
  /** sRGB, `[size, size, 3]`. */
  frame: Uint8Array;
  meshes: PortraitMeshes;
  mp4: Uint8Array;
}[K];

/** Makes it, on whatever thread this is called. */
export async function perform(
  { voxels, outlines, settings }: Sitting,
  task: Task,
): Promise<TaskResult<Task['kind']>> {
  // Libraries in WebAssembly are loaded by those threads alone that need them.
  if (task.kind === 'meshes') {
    const { portraitMeshes } = await import('./mesh/portrait-mesh.ts');
    return portraitMeshes(voxels, outlines, settings, task);
  }
  if (task.kind === 'mp4') {
    const { encodeMp4 } = await import('./files/mp4.ts');
    return encodeMp4(task.frames);
  }
  const picture = voxelView(voxels, task.label, task.size);
  return task.kind === 'view' ? picture.data : overWhite(picture);
}
