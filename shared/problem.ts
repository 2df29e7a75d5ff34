import * as z from 'zod';
import { lazily } from './lazily.ts';

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** The public API's errors: HTTP status, title, and what to do about it. Codes are stable; texts may change. */
export const PROBLEMS = {
  invalid_json: [
    400,
    'Broken JSON',
    'Send a JSON object, such as {"prompt": "a young woman with red hair"}.',
  ],
  invalid_request: [
    422,
    'Invalid request',
    'Correct the members named in `errors` and send the request again.',
  ],
  invalid_parameter: [400, 'Invalid parameter', 'Correct the query parameter or header named in the detail.'],
  unsupported_media_type: [
    415,
    'Unsupported media type',
    'Send the body with Content-Type: application/json.',
  ],
  body_too_large: [413, 'Body too large', 'Send a smaller body.'],
  length_required: [411, 'Length required', 'Send the body with a Content-Length.'],
  route_not_found: [404, 'No such route', 'See /docs or /openapi.json for the routes there are.'],
  method_not_allowed: [405, 'Method not allowed', 'Use one of the methods in the Allow header.'],
  portrait_not_found: [
    404,
    'No such portrait',
    'Check the id, or list the portraits with GET /v1/portraits.',
  ],
  file_not_found: [404, 'No such file', 'Use one of the names in the `files` or `previews` of the portrait.'],
  artifact_not_found: [404, 'No such artifact', 'The artifact was never stored, or has been removed.'],
  artifact_mismatch: [
    400,
    'Artifact mismatch',
    'The bytes do not hash to the SHA-256 in the URL: upload them again.',
  ],
  invalid_signature: [
    403,
    'Invalid signature',
    'Use the signed URL or header exactly as it was made, before it expires.',
  ],
  range_not_satisfiable: [416, 'Range not satisfiable', 'Ask for a range inside the file.'],
  idempotency_key_reused: [
    422,
    'Idempotency key reused',
    'This Idempotency-Key came with another body before: use a new key for a new request.',
  ],
  unauthorized: [
    401,
    'Unauthorized',
    'Send `Authorization: Bearer p3d_…` with an API key that is neither revoked nor expired.',
  ],
  account_suspended: [403, 'Account suspended', 'Ask the operator of this service.'],
  insufficient_scope: [403, 'Insufficient scope', 'Use a key that has the scope named in the detail.'],
  insufficient_credits: [
    402,
    'Insufficient credits',
    'Buy credits with POST /v1/topups, or ask for a lower quality or fewer outputs.',
  ],
  spend_cap_reached: [
    402,
    'Spend cap reached',
    'Raise the spend cap of this key, or wait for the next month (UTC).',
  ],
  concurrency_limit: [
    429,
    'Too many portraits at once',
    'Wait until a portrait of this key is finished, or raise its concurrency.',
  ],
  reservation_closed: [
    409,
    'Reservation closed',
    'The credits of this portrait were given back: send the request again with a new Idempotency-Key.',
  ],
  content_filtered: [422, 'Content filtered', 'Describe the person in other words.'],
  payment_required: [
    402,
    'Payment required',
    'Send an API key, or pay for this call by x402 with one of the terms in the PAYMENT-REQUIRED header.',
  ],
  payment_invalid: [
    402,
    'Payment invalid',
    'Make the payment anew from the terms in the PAYMENT-REQUIRED header.',
  ],
  payment_unsettled: [
    502,
    'Payment unsettled',
    'The outcome of the payment is unknown. Send the same request with the same payment again; it is never taken twice.',
  ],
  payments_unavailable: [
    503,
    'Payments unavailable',
    'Try again later, or ask the operator of this service.',
  ],
  account_not_found: [404, 'No such account', 'Check the id.'],
  key_not_found: [404, 'No such key', 'List the keys with GET /v1/keys.'],
  webhook_not_found: [404, 'No such webhook', 'List the webhooks with GET /v1/webhooks.'],
  delivery_not_found: [404, 'No such delivery', 'List the deliveries of the webhook.'],
  webhook_target_refused: [
    422,
    'Webhook target refused',
    'Use an https URL whose host resolves to public addresses only.',
  ],
  too_many: [409, 'Too many', 'Delete one that is no longer needed first.'],
  idempotency_key_in_use: [
    409,
    'Idempotency key in use',
    'A request with this Idempotency-Key is being answered: send it again after Retry-After seconds.',
  ],
  rate_limited: [429, 'Too many requests', 'Send fewer requests: try again after Retry-After seconds.'],
  portrait_unfinished: [
    409,
    'Portrait unfinished',
    'Wait until the portrait has succeeded: hold GET /v1/portraits/{id} with Prefer: wait=60, or follow its events.',
  ],
  view_pending: [503, 'View not rendered yet', 'Ask again after Retry-After seconds: the work goes on.'],
  view_failed: [502, 'View failed', 'Ask for another view; if it stays, tell the operator of this service.'],
  nobody_waits: [410, 'Nobody waits', 'Stop: no portrait needs this run any more.'],
  misconfigured: [500, 'Service misconfigured', 'Tell the operator of this service.'],
  internal: [500, 'Internal error', 'Try again; if it stays, tell the operator of this service.'],
} as const satisfies Record<string, readonly [number, string, string]>;
export type ProblemCode = keyof typeof PROBLEMS;

/** One member of a request that is wrong; `pointer` is a JSON Pointer (RFC 6901) into the body. */
export const fieldErrorSchema = lazily(() =>
  z.object({ pointer: z.string(), code: z.string(), detail: z.string() }),
);
export type FieldError = z.output<ReturnType<typeof fieldErrorSchema>>;

export const problemSchema = lazily(() =>
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: z.string().meta({ description: 'Stable; switch on this.' }),
      detail: z.string(),
      action: z.string().meta({ description: 'What to do about it.' }),
      errors: z.array(fieldErrorSchema()).optional(),
    })
    .meta({ id: 'Problem' }),
);
export type Problem = z.output<ReturnType<typeof problemSchema>>;

/** The problem of a code; `detail` says what happened this time. */
export function problem(code: ProblemCode, detail: string, errors?: FieldError[]): Problem {
  const [status, title, action] = PROBLEMS[code];
  return { type: `urn:problem:${code}`, title, status, code, detail, action, ...(errors && { errors }) };
}
