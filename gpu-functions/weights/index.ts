export * from './profile.ts';
export * from './safetensors.ts';
