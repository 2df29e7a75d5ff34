import { createApp } from './api/app.ts';

export { PortraitDirectory } from './jobs/directory.ts';
export { PortraitJob } from './jobs/portrait-job.ts';

export default createApp();
