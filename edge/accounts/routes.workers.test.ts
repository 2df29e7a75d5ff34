import { env } from 'cloudflare:workers';
import { createExecutionContext, runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  accountSchema,
  keyListSchema,
  keyWithTokenSchema,
  ledgerSchema,
  portraitRequestSchema,
  problemSchema,
  quoteSchema,
  usageSchema,
} from '../../shared/index.ts';
import { createApp } from '../api/app.ts';
import { newId } from '../ids.ts';
import type { Env } from '../env.ts';
import { authenticate } from './authenticate.ts';
import { reserve } from './charge.ts';

const ADMIN_TOKEN = 'an-operator-token-that-only-these-tests-know';
const bindings: Env = { ...(env as unknown as Env), AUTH: undefined, ADMIN_TOKEN };
const app = createApp();

async function call(method: string, path: string, token: string | null, body?: unknown) {
  const response = await app.request(
    `https://api.example${path}`,
    {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    bindings,
    createExecutionContext(),
  );
  return { status: response.status, headers: response.headers, json: await response.json<unknown>() };
}

async function open(credits = 100) {
  const { status, json } = await call('POST', '/v1/admin/accounts', ADMIN_TOKEN, { name: 'A shop', credits });
  expect(status).toBe(201);
  return z.object({ account: accountSchema(), key: keyWithTokenSchema() }).parse(json);
}

let account: z.output<ReturnType<typeof accountSchema>>;
let token: string;
beforeAll(async () => {
  const opened = await open();
  ({ account } = opened);
  ({ token } = opened.key);
});

const code = ({ json }: { json: unknown }) => problemSchema().parse(json).code;

describe('requests a minute', () => {
  it('are counted on the routes of accounts, keys, money and webhooks, and what is left is told', async () => {
    const own = (await open()).key;
    const remaining: number[] = [];
    for (const path of [
      '/v1/account',
      '/v1/keys',
      '/v1/ledger',
      '/v1/usage',
      '/v1/webhooks',
      '/v1/webhooks/none',
    ]) {
      const { headers } = await call('GET', path, own.token);
      expect(headers.get('ratelimit-policy'), path).toBe('"requests";q=600;w=60');
      remaining.push(Number(/r=(\d+)/.exec(headers.get('ratelimit')!)![1]));
    }
    expect(remaining).toEqual([599, 598, 597, 596, 595, 594]);
  });

  it('beyond the limit are refused, with the time to come back', async () => {
    const own = (await open()).key;
    const limiter = bindings.LIMITER.getByName(own.id);
    await Promise.all(Array.from({ length: 600 }, () => limiter.take(600)));
    for (const path of ['/v1/account', '/v1/webhooks']) {
      const refused = await call('GET', path, own.token);
      expect([refused.status, code(refused)]).toEqual([429, 'rate_limited']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });
});

describe('keys over HTTP', () => {
  it('are made with no more than the scopes of their maker, shown once, changed, rotated and revoked', async () => {
    const made = await call('POST', '/v1/keys', token, {
      name: 'shop',
      scopes: ['portraits:write'],
      spend_cap: 50,
    });
    expect(made.status).toBe(201);
    const key = keyWithTokenSchema().parse(made.json);
    expect(key).toMatchObject({ active: true, spend_cap: 50, mode: 'live', scopes: ['portraits:write'] });

    expect(code(await call('GET', '/v1/keys', key.token))).toBe('insufficient_scope');
    const list = keyListSchema().parse((await call('GET', '/v1/keys', token)).json);
    expect(JSON.stringify(list)).not.toContain(key.token);
    expect(list.data.map(({ id }) => id)).toContain(key.id);

    expect((await call('PATCH', `/v1/keys/${key.id}`, token, { spend_cap: null })).json).toMatchObject({
      spend_cap: null,
    });
    const rotated = await call('POST', `/v1/keys/${key.id}/rotate`, token, { overlap_seconds: 0 });
    const next = keyWithTokenSchema().parse(rotated.json);
    const quote = (bearer: string) => call('POST', '/v1/portraits/quote', bearer, { prompt: 'an old man' });
    expect(code(await quote(key.token))).toBe('unauthorized');
    expect((await quote(next.token)).status).toBe(200);
    expect((await call('DELETE', `/v1/keys/${next.id}`, token)).json).toMatchObject({ active: false });
    expect(code(await quote(next.token))).toBe('unauthorized');
    expect(code(await call('DELETE', '/v1/keys/key_none', token))).toBe('key_not_found');
  });

  it('never hand on a scope that they lack', async () => {
    const made = await call('POST', '/v1/keys', token, { name: 'keys', scopes: ['account:write'] });
    const { token: narrow } = keyWithTokenSchema().parse(made.json);
    const refused = await call('POST', '/v1/keys', narrow, { name: 'more', scopes: ['portraits:write'] });
    expect(refused.status).toBe(403);
    expect(code(refused)).toBe('insufficient_scope');
  });

  it.each([
    ['no key', null],
    ['a mistyped key', 'p3d_live_x'],
    ['another scheme', 'Basic abc'],
  ])('are asked for: %s', async (_, bearer) => {
    for (const path of ['/v1/keys', '/v1/account', '/v1/ledger', '/v1/usage', '/v1/webhooks']) {
      const answer = await call('GET', path, bearer);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(code(answer)).toBe('unauthorized');
    }
  });

  it('tell what is wrong with a request', async () => {
    const answer = await call('POST', '/v1/keys', token, { name: '', mode: 'free', colour: 1 });
    expect(answer.status).toBe(422);
    expect(
      problemSchema()
        .parse(answer.json)
        .errors!.map(({ pointer }) => pointer),
    ).toEqual(expect.arrayContaining(['/name', '/mode', '/colour']));
  });
});

describe('credits over HTTP', () => {
  it('are told by account, ledger, usage and quote', async () => {
    const opened = await open(40);
    const quoted = await call('POST', '/v1/portraits/quote', opened.key.token, {
      prompt: 'an old man',
      quality: 'draft',
    });
    const { credits } = quoteSchema().parse(quoted.json);
    const request = new Request('https://api.example/', {
      headers: { authorization: `Bearer ${opened.key.token}` },
    });
    const id = newId('prt');
    const draft = portraitRequestSchema().parse({ prompt: 'an old man', quality: 'draft' });
    const charge = await reserve(bindings, await authenticate(request, bindings), id, draft);
    expect(charge.credits).toBe(credits);

    const shown = accountSchema().parse((await call('GET', '/v1/account', opened.key.token)).json);
    expect(shown.credits).toEqual({ available: 40 - credits, reserved: credits, invoiced: 0 });
    const ledger = ledgerSchema().parse(
      (await call('GET', `/v1/ledger?portrait=${id}`, opened.key.token)).json,
    );
    expect(ledger.data).toMatchObject([{ kind: 'reserve', portrait: id, key: opened.key.id }]);
    const pages = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/v1/ledger?limit=1${cursor && `&cursor=${cursor}`}`;
      const page = ledgerSchema().parse((await call('GET', path, opened.key.token)).json);
      pages.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(pages.map(({ kind }) => kind)).toEqual(['reserve', 'grant']);
    for (const { lines } of pages) expect(lines.reduce((sum, line) => sum + line.credits, 0)).toBe(0);
    usageSchema().parse((await call('GET', '/v1/usage', opened.key.token)).json);
    expect(code(await call('GET', '/v1/usage?from=yesterday', opened.key.token))).toBe('invalid_parameter');
  });

  it('are granted once for each reference', async () => {
    const { account: other } = await open(0);
    const path = `/v1/admin/accounts/${other.id}/credits`;
    for (let times = 0; times < 2; times++) {
      const answer = await call('POST', path, ADMIN_TOKEN, { credits: 25, reference: 'apology' });
      expect(accountSchema().parse(answer.json).credits.available).toBe(25);
    }
    const unknown = `/v1/admin/accounts/acc_${'0'.repeat(24)}/credits`;
    expect(code(await call('POST', unknown, ADMIN_TOKEN, { credits: 1, reference: 'x' }))).toBe(
      'account_not_found',
    );
  });
});

describe('the operator', () => {
  it('is known by the admin token only', async () => {
    for (const bearer of [null, token, `${ADMIN_TOKEN}x`])
      expect(code(await call('POST', '/v1/admin/accounts', bearer, { name: 'x' }))).toBe('unauthorized');
  });

  it('suspends an account and takes it up again', async () => {
    const path = `/v1/admin/accounts/${account.id}/suspension`;
    await call('PUT', path, ADMIN_TOKEN, { reason: 'abuse' });
    expect(code(await call('GET', '/v1/account', token))).toBe('account_suspended');
    await call('PUT', path, ADMIN_TOKEN, { reason: null });
    expect((await call('GET', '/v1/account', token)).status).toBe(200);
  });

  it('leaves a trail that shows when it was changed', async () => {
    const log = bindings.AUDIT.getByName(account.id);
    const actions = (await log.list(null, 100)).map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['account.opened', 'key.created', 'key.rotated', 'account.suspended']),
    );
    expect(await log.firstBroken()).toBe(null);
    await runInDurableObject(log, (_, state) => {
      state.storage.sql.exec("UPDATE audit SET detail = 'nothing' WHERE seq = 2");
    });
    expect(await log.firstBroken()).toBe(2);
  });
});
