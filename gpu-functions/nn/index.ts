export * from './parameters.ts';
export { quantised, dequantised } from './quantised.ts';
export * from './random.ts';
export * from './adam.ts';
export * from './adan.ts';
export * from './adan-step.ts';
export * from './clip.ts';
export * from './ema.ts';
