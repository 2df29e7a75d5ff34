export { safetyRoutes } from './routes.ts';
export { checkPicture, checksPictures } from './picture-check.ts';
export { Takedowns } from './takedowns.ts';
export { audit, AuditLog } from './audit-log.ts';
export { checkRequest, type Filtered } from './check-request.ts';
