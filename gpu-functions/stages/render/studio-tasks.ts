import { overWhite } from '../picture.ts';
import { evenColours } from '../views/even-colours.ts';
import { voxelView } from '../views/voxel-view.ts';
import type { BakedVoxels, Voxels } from '../views/voxels.ts';
import type { Frames } from './files/frames.ts';
import type { MeshSettings, PortraitMeshes } from './mesh/portrait-mesh.ts';

/** What a studio's workers draw from. This module keeps clear of the networks: every thread loads it. */
export interface Sitting {
  readonly voxels: Voxels;
  /** Labels of cameras to which the meshes have the outlines that the volume has. */
  readonly outlines: readonly ArrayLike<number>[];
  readonly settings: MeshSettings;
}

/**
 * One thing to make: a premultiplied picture from a camera's label, a picture over white, meshes, a video, or, before somebody sits, even
 * colours of voxels, in place.
 */
export type Task =
  | { readonly kind: 'view'; readonly label: ArrayLike<number>; readonly size: number }
  | { readonly kind: 'frame'; readonly label: ArrayLike<number>; readonly size: number }
  | { readonly kind: 'meshes'; readonly textured: boolean; readonly coloured: boolean }
  | { readonly kind: 'mp4'; readonly frames: Frames }
  | { readonly kind: 'even colours'; readonly voxels: BakedVoxels };

export type TaskResult<K extends Task['kind']> = {
  /** Planar `[4, size, size]`, as in a Picture. */
  view: Float32Array;
  /** sRGB, `[size, size, 3]`. */
  frame: Uint8Array;
  meshes: PortraitMeshes;
  mp4: Uint8Array;
  'even colours': undefined;
}[K];

/** Makes it, on whatever thread this is called. @throws Error where somebody is to be drawn and nobody sits */
export async function perform(sitting: Sitting | undefined, task: Task): Promise<TaskResult<Task['kind']>> {
  if (task.kind === 'even colours') {
    evenColours(task.voxels);
    return undefined;
  }
  if (!sitting) throw new Error(`nobody sits yet for a task of the kind '${task.kind}'`);
  const { voxels, outlines, settings } = sitting;
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
