export * from './config.ts';
export * from './cameras.ts';
export { broadcastLatent, encodePortrait, encodeWithDetail, type EncoderConfig } from './encoder.ts';
export { drawHiddenSide, type HiddenSideConfig } from './hidden-side.ts';
export { drawSideView, SIDE_DEPTH_GAIN, SIDE_VIEW_PLANES, type SideViewConfig } from './side-view.ts';
export { conditioningOf, mapLatent, truncate, type Truncation } from './mapping.ts';
export { synthesisePyramid, type Pyramid } from './backbone.ts';
export { decode, type FieldSample } from './decoder.ts';
export { collapsePyramid } from './collapse.ts';
export {
  pyramidTables,
  samplePlanes,
  sampleTrigrid,
  tableField,
  trigridField,
  type Field,
  type Table,
  type Tables,
} from './trigrid.ts';
export { cameraRays, pixelCentres, pointsAlong, type Rays } from './rays.ts';
export {
  croppedAway,
  renderDepths,
  renderRays,
  renderRaysOnce,
  type Draws,
  type Rendered,
  type Samples,
} from './volume.ts';
export { synthesiseBackground, backgroundRows } from './background.ts';
export { superResolve, resizePicture } from './super-resolution.ts';
export { bodyPose } from './pose-branch.ts';
export { colourOf, renderPlanes, rowsToPicture, synthesise, type View } from './synthesis.ts';
