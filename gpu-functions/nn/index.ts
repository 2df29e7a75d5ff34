export * from './parameters.ts';
export * from './random.ts';
