export * from './canonical.ts';
export * from './events.ts';
export * from './portrait-request.ts';
export * from './portrait-resource.ts';
export * from './problem.ts';
export * from './run-protocol.ts';
export * from './signature.ts';
export * from './stages.ts';
