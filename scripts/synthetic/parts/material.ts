import type { Material, Surface } from '../render/index.ts';

/** A plain, matt, opaque material, changed where wanted. */
export const material = (surface: Surface, change: Partial<Material>): Material => ({
  surface,
  texture: null,
  blended: false,
  recolour: false,
  tint: [1, 1, 1],
  gamma: 1,
  specular: 0.02,
  gloss: 6,
  opacity: 1,
  cull: false,
  ...change,
});
