import type { Account } from './accounts/index.ts';
import type { RunKeeper } from './artifacts/run-keeper.ts';
import type { AuditLog } from './safety/audit-log.ts';
import type { Webhooks } from './webhooks/index.ts';
import type { PortraitDirectory } from './jobs/directory.ts';
import type { PortraitJob } from './jobs/portrait-job.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import type { Metrics } from './observability/metrics.ts';
import type { StagePool } from './pool/stage-pool.ts';

/** Bindings, variables and secrets of the worker (wrangler.toml). */
export interface Env {
  ARTIFACTS: R2Bucket;
  JOBS: DurableObjectNamespace<PortraitJob>;
  DIRECTORY: DurableObjectNamespace<PortraitDirectory>;
  RUNS: DurableObjectNamespace<RunKeeper>;
  POOLS: DurableObjectNamespace<StagePool>;
  LIMITER: DurableObjectNamespace<RateLimiter>;
  METRICS: DurableObjectNamespace<Metrics>;
  ACCOUNTS: DurableObjectNamespace<Account>;
  WEBHOOKS: DurableObjectNamespace<Webhooks>;
  AUDIT: DurableObjectNamespace<AuditLog>;
  /** `off` on one's own machine: no account, key or money is needed. Refused where the worker is deployed. */
  AUTH?: string;
  /** Bearer token of `/v1/admin`, at least 32 characters; without it there is no such route. */
  ADMIN_TOKEN?: string;
  /** Refused keys and tokens that may come from one address within a minute: 30 where it does not say. */
  FAILED_ATTEMPTS_PER_MINUTE?: string;
  /** Stripe's secret key: sells credits, and meters postpaid accounts. */
  STRIPE_SECRET_KEY?: string;
  /** The signing secret of the webhook endpoint `/v1/stripe/events`. */
  STRIPE_WEBHOOK_SECRET?: string;
  /** Base address of Stripe's API, where it is not https://api.stripe.com. */
  STRIPE_API?: string;
  /** Address that x402 payments go to; without it, every caller needs a key. */
  X402_PAY_TO?: string;
  /** Base address of the facilitator that verifies and settles, and its bearer token where it wants one. */
  X402_FACILITATOR?: string;
  X402_FACILITATOR_TOKEN?: string;
  /** Network and token of payments, where they are not USDC on Base. */
  X402_NETWORK?: string;
  X402_ASSET?: string;
  X402_ASSET_NAME?: string;
  X402_ASSET_VERSION?: string;
  /** Workers AI, for the model that checks prompts. */
  AI?: { run(model: string, input: object): Promise<{ response?: unknown }> };
  /** `on`, or the name of a model of Workers AI that answers as Llama Guard does; needs the AI binding. */
  SAFETY_MODEL?: string;
  /** `on`: what the model could not check is filtered. Otherwise the rules alone decide then. */
  SAFETY_MODEL_REQUIRED?: string;
  /** A vision model of Workers AI that is shown each imagined picture; needs the AI binding. */
  PICTURE_CHECK_MODEL?: string;
  /** Address of a service that is shown each imagined picture instead, and its bearer token. */
  PICTURE_CHECK_URL?: string;
  PICTURE_CHECK_TOKEN?: string;
  /** `on`: a portrait waits until its picture has been checked. Otherwise a silent check lets it pass. */
  PICTURE_CHECK_REQUIRED?: string;
  /** `allow`: prompts may name real people, because the operator has their consent. */
  LIKENESS_POLICY?: string;
  /** Base address of the stage server. */
  GPU_URL: string;
  /** Signs artifact URLs and callback secrets. Required, at least 32 characters. */
  SIGNING_SECRET?: string;
  /** Seals the secrets of webhooks where they are stored, at least 32 characters; the signing secret where there is none. */
  WEBHOOK_KEY?: string;
  /** The key before it: what it sealed is read, and sealed anew. */
  WEBHOOK_KEY_FORMER?: string;
  /** Bearer token of the stage server, where it was started with one. */
  STAGE_SERVER_TOKEN?: string;
  /** Address under which the stage server reaches this worker; by default the one that created the portrait. */
  PUBLIC_URL?: string;
  /** Portraits that may work at each stage at once, such as `imagine=4, distill=2`; by default gpu-functions.json. */
  STAGE_LIMITS?: string;
  /** Days that a finished portrait and its files are kept: 30 where it does not say. */
  RETENTION_DAYS?: string;
  /** Hours that a portrait may take from its creation, waiting included: 24 where it does not say. */
  DEADLINE_HOURS?: string;
  /** US dollars of a second of each stage, such as `distill=0.0006`, for the cost in logs and metrics. */
  STAGE_COSTS?: string;
  /** Bearer token of `/metrics`; without it there are none but on one's own machine. */
  METRICS_TOKEN?: string;
  /** Base address of an OTLP/HTTP collector that traces go to. */
  OTLP_ENDPOINT?: string;
  /** Bearer token of the collector. */
  OTLP_TOKEN?: string;
}

/** The operator has to set something; the message says what. */
export class MisconfiguredError extends Error {
  override readonly name = 'MisconfiguredError';
}

/** The signing secret. @throws MisconfiguredError */
export function signingSecret(env: Env): string {
  if (!env.SIGNING_SECRET || env.SIGNING_SECRET.length < 32)
    throw new MisconfiguredError(
      'SIGNING_SECRET is missing or shorter than 32 characters. ' +
        'Set it with `wrangler secret put SIGNING_SECRET`, or on your own machine with `wrangler dev --var SIGNING_SECRET:…`.',
    );
  return env.SIGNING_SECRET;
}
