export { assemble } from './assemble.ts';
export { bakeLight } from './bake.ts';
export type { Lighting } from './lights.ts';
export { depthOfStep, render } from './raster.ts';
export type { Material, Part, Scene, Surface } from './scene.ts';
