export { Account } from './account.ts';
export { authenticate, requireScope } from './authenticate.ts';
export { release, reserve, settle, type Charge } from './charge.ts';
export { guard, requireToken } from './guard.ts';
export { payPerCall } from './x402/pay-per-call.ts';
export { accountsRoutes } from './routes.ts';
export { isLocal, LOCAL_PRINCIPAL, type Limits, type Principal } from './principal.ts';
export { SCOPES, type Mode, type Scope } from '../../shared/index.ts';
