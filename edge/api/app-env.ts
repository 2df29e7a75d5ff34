import type { Principal } from '../accounts/index.ts';
import type { Env } from '../env.ts';

/** What a handler of the API works in. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    /** `req_…`: in the answer's X-Request-Id, and in every log line about the request. */
    requestId: string;
    /** Who sent the request; set for every path below `/v1`. */
    principal: Principal;
  };
}
