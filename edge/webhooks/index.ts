export { notify } from './notify.ts';
export { Webhooks, type Published } from './webhooks.ts';
