import type { CameraConfig } from '../../portrait/index.ts';
import { overWhite } from '../picture.ts';
import { viewLabel } from '../views/orbit.ts';
import { voxelView } from '../views/voxel-view.ts';
import type { Voxels } from '../views/voxels.ts';
import { portraitMeshes, type MeshSettings, type PortraitMeshes } from './mesh/portrait-mesh.ts';

/** What a studio's workers draw from. */
export interface Sitting {
  readonly voxels: Voxels;
  readonly camera: CameraConfig;
  readonly settings: MeshSettings;
}

/** One thing to make: a premultiplied picture, a picture over white, or meshes. */
export type Task =
  | { readonly kind: 'view'; readonly azimuth: number; readonly size: number }
  | { readonly kind: 'frame'; readonly azimuth: number; readonly size: number }
  | { readonly kind: 'meshes'; readonly textured: boolean; readonly coloured: boolean };

export type TaskResult<K extends Task['kind']> = {
  /** Planar `[4, size, size]`, as in a Picture. */
  view: Float32Array;
  /** sRGB, `[size, size, 3]`. */
  frame: Uint8Array;
  meshes: PortraitMeshes;
}[K];

/** Makes it, on whatever thread this is called. */
export async function perform(
  { voxels, camera, settings }: Sitting,
  task: Task,
): Promise<TaskResult<Task['kind']>> {
  if (task.kind === 'meshes') return portraitMeshes(voxels, camera, settings, task);
  const picture = voxelView(voxels, viewLabel(camera, task.azimuth), task.size);
  return task.kind === 'view' ? picture.data : overWhite(picture);
}
