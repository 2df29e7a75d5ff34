export { safetyRoutes } from './routes.ts';
export { audit, AuditLog } from './audit-log.ts';
export { checkRequest, type Filtered } from './check-request.ts';
