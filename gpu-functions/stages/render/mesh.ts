import type { StageSettings } from '../settings.ts';
import type { Voxels } from '../views/voxels.ts';
import type { ColouredMesh } from './glb.ts';

/** The surface of baked voxels. */
export function extractMesh(_voxels: Voxels, _settings: StageSettings['render']): ColouredMesh {
  throw new Error('no mesh yet');
}
