export { startStageServer, type StageServer, type StageServerOptions } from './stage-server.ts';
