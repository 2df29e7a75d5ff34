import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keyWithTokenSchema, portraitSchema, SCOPES, type Portrait, type Scope } from '../../shared/index.ts';
import { newToken } from '../../edge/accounts/api-key.ts';
import { newId } from '../../edge/ids.ts';
import { PATIENTLY } from '../edge/harness.ts';
import { AUTHORISATION, type Access } from './authorisation-table.ts';
import { ADMIN_TOKEN, startShop, type Shop } from './client.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** A public address that is never sent to: its webhooks are disabled before anything happens. */
const HOOK = { url: 'https://93.184.215.14/portraits' };

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let shop: Shop;
/** `GET /v1/portraits/{id}` and so on, of the OpenAPI document. */
let operations: string[];
let owner: { id: string; token: string };
let other: { id: string; token: string };
let tester: string;
/** Keys that nobody may use anything with, by what is wrong with them. */
const refused: Record<string, string | null> = {};
/** Keys of the owner's account with every scope but one. */
const without: Partial<Record<Scope, string>> = {};
let portrait: Portrait;

async function makeKey(wish: object) {
  const { json } = await shop.call('POST', '/v1/keys', owner.token, { name: 'a key', ...wish });
  return keyWithTokenSchema().parse(json);
}

beforeAll(async () => {
  // Every refused key here comes from one address.
  shop = await startShop({ FAILED_ATTEMPTS_PER_MINUTE: '100000' });
  const description = (await (await shop.api('/openapi.json')).json()) as { paths: Record<string, object> };
  operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => METHODS.includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  owner = await shop.open({ credits: 100_000 });
  other = await shop.open({ credits: 100_000 });
  tester = (await makeKey({ mode: 'test', scopes: SCOPES })).token;
  for (const scope of SCOPES)
    without[scope] = (await makeKey({ scopes: SCOPES.filter((one) => one !== scope) })).token;

  const revoked = await makeKey({ scopes: SCOPES });
  await shop.call('DELETE', `/v1/keys/${revoked.id}`, owner.token);
  const rotated = await makeKey({ scopes: SCOPES });
  await shop.call('POST', `/v1/keys/${rotated.id}/rotate`, owner.token, { overlap_seconds: 0 });
  const expires_at = new Date(Date.now() + 500).toISOString();
  const expired = await makeKey({ scopes: SCOPES, expires_at });
  Object.assign(refused, {
    none: null,
    malformed: 'sk_live_nonsense',
    'with a wrong checksum': owner.token.slice(0, -1) + (owner.token.endsWith('0') ? '1' : '0'),
    'made up': newToken('live', owner.id),
    'of no account': newToken('live', newId('acc')),
    revoked: revoked.token,
    rotated: rotated.token,
    expired: expired.token,
    'of the operator': ADMIN_TOKEN,
  });
  await vi.waitFor(async () => {
    expect((await shop.call('GET', '/v1/account', expired.token)).status).toBe(401);
  }, PATIENTLY);
  portrait = await makePortrait('somebody');
});
afterAll(() => shop?.close());

async function makePortrait(prompt: string): Promise<Portrait> {
  const response = await shop.post(
    { prompt, seed: 1, quality: 'draft', outputs: ['front'] },
    { authorization: `Bearer ${owner.token}`, prefer: 'wait=60' },
  );
  const made = portraitSchema().parse(await response.json());
  expect(made.status).toBe('succeeded');
  return made;
}

async function makeWebhook(): Promise<string> {
  const { json } = await shop.call('POST', '/v1/webhooks', owner.token, HOOK);
  const { id } = json as { id: string };
  await shop.call('PATCH', `/v1/webhooks/${id}`, owner.token, { enabled: false });
  return id;
}

let fresh = 0;
/** Bodies of operations that want one. */
const BODIES: Record<string, () => object> = {
  'POST /v1/portraits': () => ({ prompt: `person ${fresh++}`, quality: 'draft', outputs: ['front'] }),
  'POST /v1/portraits/quote': () => ({ prompt: 'a man' }),
  'POST /v1/topups': () => ({ credits: 1000 }),
  'POST /v1/keys': () => ({ name: 'another' }),
  'PATCH /v1/keys/{id}': () => ({ name: 'renamed' }),
  'POST /v1/keys/{id}/rotate': () => ({ overlap_seconds: 0 }),
  'POST /v1/webhooks': () => HOOK,
  'PATCH /v1/webhooks/{id}': () => ({ description: 'changed' }),
  'POST /v1/webhooks/{id}/rotate': () => ({ overlap_seconds: 0 }),
  'POST /v1/admin/accounts': () => ({ name: 'A shop' }),
  'POST /v1/admin/accounts/{id}/credits': () => ({ credits: 1, reference: `grant ${fresh++}` }),
  'PUT /v1/admin/accounts/{id}/suspension': () => ({ reason: null }),
  'POST /v1/admin/accounts/{id}/refunds': () => ({ portrait: 'prt_000000000000000000000000' }),
  'POST /v1/admin/takedowns': () => ({ portrait: 'prt_000000000000000000000000', reason: 'asked for' }),
};

/** The path of an operation, with things of the owner's that exist; what is changed by it is made for it. */
async function pathOf(operation: string): Promise<string> {
  const [method, template] = operation.split(' ') as [string, string];
  const id = async () => {
    if (template.startsWith('/v1/admin/accounts/')) return owner.id;
    if (template.startsWith('/v1/keys/')) return (await makeKey({})).id;
    if (template.startsWith('/v1/webhooks/')) return makeWebhook();
    return method === 'GET' ? portrait.id : (await makePortrait('somebody')).id;
  };
  return template
    .replace('{id}', template.includes('{id}') ? await id() : '')
    .replace('{name}', portrait.files[0]!.name)
    .replace('{delivery}', newId('dlv'))
    .replace('{portrait}', 'prt_000000000000000000000000')
    .replace('{log}', owner.id)
    .replace(/\/view$/, '/view?yaw=10');
}

/** Sends an operation with a key: the code of the problem it is answered with, or the status. */
async function answer(operation: string, path: string, token: string | null): Promise<number | string> {
  const body = BODIES[operation]?.();
  const response = await shop.api(path, {
    method: operation.split(' ')[0]!,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.status < 400) {
    await response.body?.cancel();
    return response.status;
  }
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return ((await response.json()) as { code: string }).code;
}

/** Every kind of key with what an operation answers to it; the owner's comes last, because it may change something. */
function expectations(access: Access): [kind: string, key: string | null, answer: number | string][] {
  const keyless = Object.entries(refused);
  const live: [string, string][] = [
    ['of another account', other.token],
    ['in test mode', tester],
    ['of the owner', owner.token],
  ];
  switch (access.kind) {
    case 'open':
      return [...keyless, ...live].map(([kind, key]) => [kind, key, access.answer]);
    case 'operator':
      return [...keyless.filter(([kind]) => kind !== 'of the operator'), ...live]
        .map(([kind, key]): [string, string | null, number | string] => [kind, key, 'unauthorized'])
        .concat([['of the operator', ADMIN_TOKEN, access.answer]]);
    case 'key':
      return [
        ...keyless.map(([kind, key]): [string, string | null, string] => [kind, key, 'unauthorized']),
        [`without ${access.scope}`, without[access.scope]!, 'insufficient_scope'],
        ['of another account', other.token, access.other ?? access.owner],
        ['in test mode', tester, access.test ?? access.owner],
        ['of the owner', owner.token, access.owner],
      ];
  }
}

test('every operation of the OpenAPI document has a row in the table, and every row an operation', () => {
  expect(Object.keys(AUTHORISATION).toSorted()).toEqual(operations.toSorted());
});

test.each(Object.entries(AUTHORISATION))('%s lets in who may', async (operation, access) => {
  const path = await pathOf(operation);
  const rows = expectations(access);
  const got: typeof rows = [];
  for (const [kind, key] of rows) {
    // A test key has webhooks and keys of the same account: each gets its own to change.
    const own = kind === 'in test mode' && access.kind === 'key' && !access.test && path.includes('_');
    got.push([kind, key, await answer(operation, own ? await pathOf(operation) : path, key)]);
  }
  expect(got).toEqual(rows);
});
