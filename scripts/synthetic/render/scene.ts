import type { Texture } from '../assets/index.ts';
import type { Rgb } from '../colour.ts';
import type { Vec3 } from '../vector.ts';

/** What a surface is; light and polygon offset depend on it. */
export type Surface =
  | 'skin'
  | 'lips'
  | 'eye'
  | 'teeth'
  | 'brow'
  | 'lash'
  | 'hair'
  | 'beard'
  | 'cloth'
  | 'hat'
  | 'glasses'
  | 'lens';

export interface Material {
  surface: Surface;
  texture: Texture | null;
  /** Fragments can be transparent and go through the per-pixel fragment lists. */
  blended: boolean;
  /** Colour = tint · (luminance / mean luminance)^gamma instead of tint · texture. */
  recolour: boolean;
  tint: Rgb;
  gamma: number;
  specular: number;
  gloss: number;
  opacity: number;
  /** Drop back faces. */
  cull: boolean;
  /** Mean luminance for `recolour`, when it is not the texture's own. */
  luminance?: number;
  alphaGain?: number;
  /** Width of the soft edge of the per-vertex signed field, in the field's unit. */
  edge?: number;
}

/** Triangles of one material, dm. */
export interface Part {
  positions: Float32Array;
  normals: Float32Array;
  uv: Float32Array;
  triangles: Uint32Array;
  material: Material;
  /** Signed field per vertex: fragments where it is negative are cut away. */
  field?: Float32Array;
}

/** One identity ready to be rendered from any side, in world units. */
export interface Scene {
  vertexCount: number;
  triangleCount: number;
  positions: Float32Array;
  normals: Float32Array;
  uv: Float32Array;
  field: Float32Array;
  triangles: Uint32Array;
  /** Material of each triangle and of each vertex. */
  triangleMaterial: Uint8Array;
  vertexMaterial: Uint8Array;
  materials: Material[];
  /** Triangle ids, those of opaque materials first, and how many these are. */
  order: Uint32Array;
  opaqueCount: number;
  /** RGB irradiance per vertex of a sky of ambient 1; made by the first bake, as it is the same for every light. */
  sky: Float32Array | null;
  /** Baked light: RGB irradiance, and visibility of the key light, per vertex. */
  irradiance: Float32Array;
  keyVisibility: Float32Array;
  keyDirection: Vec3;
  keyColour: Rgb;
}
