export { notify } from './notify.ts';
export { webhookRoutes } from './routes.ts';
export { Webhooks, type Published } from './webhooks.ts';
