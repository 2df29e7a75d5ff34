import type { Scope } from '../../shared/index.ts';

/** Who may use an operation of the API, and what they are answered. */
export type Access =
  /** Anybody. */
  | { kind: 'open'; answer: number }
  /** The operator's token only. */
  | { kind: 'operator'; answer: number | string }
  /**
   * Keys with the scope. `owner`: the answer to a key of the account; `other`: to another account's, where the path names
   * something of the first; `test`: to a test key of the same account, where it differs from the owner's.
   */
  | { kind: 'key'; scope: Scope; owner: number | string; other?: string; test?: number | string };

const open = (answer = 200): Access => ({ kind: 'open', answer });
const operator = (answer: number | string): Access => ({ kind: 'operator', answer });
/** What belongs to the account of the key as a whole. */
const ofAccount = (scope: Scope, owner: number | string): Access => ({ kind: 'key', scope, owner });
/** One portrait: others, and keys of the other mode, do not learn that it exists. */
const ofPortrait = (scope: Scope, owner: number | string): Access => ({
  kind: 'key',
  scope,
  owner,
  other: 'portrait_not_found',
  test: 'portrait_not_found',
});
const ofKey = (owner: number): Access => ({
  kind: 'key',
  scope: 'account:write',
  owner,
  other: 'key_not_found',
});
const ofWebhook = (owner: number | string): Access => ({
  kind: 'key',
  scope: 'webhooks:write',
  owner,
  other: 'webhook_not_found',
});

/**
 * Every operation of the OpenAPI document by method and path. An answer is a status, or the code of a problem where it
 * tells that the request got past the door and found nothing to do.
 */
export const AUTHORISATION: Record<string, Access> = {
  'GET /health': open(),
  'GET /status': open(),
  'GET /.well-known/provenance-keys.json': open(),

  'POST /v1/portraits': ofAccount('portraits:write', 202),
  'GET /v1/portraits': ofAccount('portraits:read', 200),
  'POST /v1/portraits/quote': ofAccount('portraits:write', 200),
  'GET /v1/portraits/{id}': ofPortrait('portraits:read', 200),
  'POST /v1/portraits/{id}/cancel': ofPortrait('portraits:write', 200),
  'DELETE /v1/portraits/{id}': ofPortrait('portraits:write', 204),
  'GET /v1/portraits/{id}/events': ofPortrait('portraits:read', 200),
  'GET /v1/portraits/{id}/provenance': ofPortrait('portraits:read', 200),
  'GET /v1/portraits/{id}/files/view': ofPortrait('portraits:read', 200),
  'GET /v1/portraits/{id}/files/{name}': ofPortrait('portraits:read', 200),

  'GET /v1/account': ofAccount('account:read', 200),
  'GET /v1/ledger': ofAccount('account:read', 200),
  'GET /v1/usage': ofAccount('account:read', 200),
  'POST /v1/topups': ofAccount('account:write', 'payments_unavailable'),
  'POST /v1/keys': ofAccount('account:write', 201),
  'GET /v1/keys': ofAccount('account:read', 200),
  'PATCH /v1/keys/{id}': ofKey(200),
  'POST /v1/keys/{id}/rotate': ofKey(201),
  'DELETE /v1/keys/{id}': ofKey(200),

  'POST /v1/webhooks': ofAccount('webhooks:write', 201),
  'GET /v1/webhooks': ofAccount('webhooks:write', 200),
  'GET /v1/webhooks/{id}': ofWebhook(200),
  'PATCH /v1/webhooks/{id}': ofWebhook(200),
  'POST /v1/webhooks/{id}/rotate': ofWebhook(200),
  'POST /v1/webhooks/{id}/ping': ofWebhook(202),
  'GET /v1/webhooks/{id}/deliveries': ofWebhook(200),
  'POST /v1/webhooks/{id}/deliveries/{delivery}/replay': ofWebhook('delivery_not_found'),
  'DELETE /v1/webhooks/{id}': ofWebhook(204),

  'POST /v1/admin/accounts': operator(201),
  'POST /v1/admin/accounts/{id}/credits': operator(200),
  'PUT /v1/admin/accounts/{id}/suspension': operator(200),
  'POST /v1/admin/accounts/{id}/refunds': operator('portrait_not_found'),
  'POST /v1/admin/takedowns': operator('portrait_not_found'),
  'GET /v1/admin/takedowns/{portrait}': operator('portrait_not_found'),
  'DELETE /v1/admin/takedowns/{portrait}': operator('portrait_not_found'),
  'GET /v1/admin/audit/{log}': operator(200),
};
