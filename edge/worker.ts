import { createApp } from './api/app.ts';

export { Account } from './accounts/index.ts';
export { AuditLog } from './safety/index.ts';
export { Webhooks } from './webhooks/index.ts';
export { RunKeeper } from './artifacts/run-keeper.ts';
export { PortraitDirectory } from './jobs/directory.ts';
export { PortraitJob } from './jobs/portrait-job.ts';
export { RateLimiter } from './limits/rate-limiter.ts';
export { Metrics } from './observability/metrics.ts';
export { StagePool } from './pool/stage-pool.ts';

export default createApp();
