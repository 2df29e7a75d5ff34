export { Account } from './account.ts';
export { authenticate, requireScope } from './authenticate.ts';
export { release, reserve, settle, type Charge } from './charge.ts';
export { isLocal, SCOPES, type Limits, type Principal, type Scope } from './principal.ts';
export type { Mode } from './api-key.ts';
