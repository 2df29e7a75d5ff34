import { createApp } from './api/app.ts';

export { Account } from './accounts/index.ts';
export { Webhooks } from './webhooks/index.ts';
export { PortraitDirectory } from './jobs/directory.ts';
export { PortraitJob } from './jobs/portrait-job.ts';

export default createApp();
