import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portraitSchema, problemSchema, type Portrait } from '../../shared/index.ts';
import { PATIENTLY, SIGNING_SECRET, startEdge, type Edge } from './harness.ts';
import { OpenApi } from './openapi.ts';

const ADMIN_TOKEN = 'an-operator-token-that-only-these-tests-know';
const METRICS_TOKEN = 'a-metrics-token-that-only-these-tests-know';

let edge: Edge;
let openApi: OpenApi;
let owner: string;
let stranger: string;
let tester: string;

/** Sends a request with a key, and holds the answer against the API's description. */
async function send(
  key: string | null,
  method: string,
  path: string,
  more: { body?: unknown; headers?: object } = {},
) {
  const response = await edge.api(path, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(more.body !== undefined && { 'content-type': 'application/json' }),
      ...more.headers,
    },
    ...(more.body !== undefined && { body: JSON.stringify(more.body) }),
  });
  if (path.startsWith('/v1/') && method !== 'HEAD')
    expect(await openApi.faultOf(method, path, response)).toBe(null);
  return response;
}

async function make(key: string, body: object, headers: object = { prefer: 'wait=60' }): Promise<Portrait> {
  const response = await send(key, 'POST', '/v1/portraits', { body, headers });
  expect(response.status).toBeLessThan(300);
  return portraitSchema().parse(await response.json());
}

async function openAccount(credits: number): Promise<string> {
  const body = { name: 'A shop', credits };
  const response = await send(ADMIN_TOKEN, 'POST', '/v1/admin/accounts', { body });
  expect(response.status).toBe(201);
  return ((await response.json()) as { key: { token: string } }).key.token;
}

const available = async (key: string) => {
  const account = (await (await send(key, 'GET', '/v1/account')).json()) as {
    credits: { available: number };
  };
  return account.credits.available;
};

const renders = () => edge.stageServer.starts.filter((stage) => stage === 'render').length;

/** Artifacts in the bucket. */
const stored = async () => (await edge.bucket.list({ prefix: 'runs/' })).objects.length;

beforeAll(async () => {
  edge = await startEdge({ SIGNING_SECRET, ADMIN_TOKEN, METRICS_TOKEN });
  openApi = new OpenApi(await (await edge.api('/openapi.json')).json());
  owner = await openAccount(500);
  stranger = await openAccount(0);
  const body = { name: 'tests', mode: 'test' };
  tester = ((await (await send(owner, 'POST', '/v1/keys', { body })).json()) as { token: string }).token;
});
afterAll(() => edge.close());

describe('a portrait and its account', () => {
  let portrait: Portrait;
  beforeAll(async () => {
    portrait = await make(owner, { prompt: 'a man with a hat', seed: 1, quality: 'draft' });
    expect(portrait.status).toBe('succeeded');
  });

  it('is charged once, and an equal one nothing', async () => {
    await expect.poll(() => available(owner), PATIENTLY).toBeLessThan(500);
    const left = await available(owner);
    const again = await make(owner, { prompt: 'a man with a hat', seed: 1, quality: 'draft' });
    expect(again.id).not.toBe(portrait.id);
    await expect.poll(() => available(owner), PATIENTLY).toBe(left);
  });

  it('is there for its own account only, on every route', async () => {
    const { id, files } = portrait;
    const routes: [string, string][] = [
      ['GET', `/v1/portraits/${id}`],
      ['GET', `/v1/portraits/${id}/events`],
      ['GET', files[0]!.url],
      ['GET', `/v1/portraits/${id}/files/view?yaw=10`],
      ['POST', `/v1/portraits/${id}/cancel`],
      ['DELETE', `/v1/portraits/${id}`],
    ];
    for (const [method, path] of routes)
      for (const [key, status, code] of [
        [null, 401, 'unauthorized'],
        ['sk_live_nonsense', 401, 'unauthorized'],
        [stranger, 404, 'portrait_not_found'],
        [tester, 404, 'portrait_not_found'],
      ] as const) {
        const response = await send(key, method, path);
        const problem = problemSchema().parse(await response.json());
        expect([method, path, response.status, problem.code]).toEqual([method, path, status, code]);
      }
    expect((await send(owner, 'GET', `/v1/portraits/${id}`)).status).toBe(200);
  });

  it('shares its work with an equal one of another account, and nothing else', async () => {
    const another = await openAccount(100);
    const starts = edge.stageServer.starts.length;
    const twin = await make(another, { prompt: 'a man with a hat', seed: 1, quality: 'draft' });
    expect(edge.stageServer.starts.length).toBe(starts);
    expect(twin.files.map(({ sha256 }) => sha256)).toEqual(portrait.files.map(({ sha256 }) => sha256));
    await expect.poll(() => available(another), PATIENTLY).toBe(100);
    expect((await send(another, 'GET', twin.files[0]!.url)).status).toBe(200);
    expect((await send(another, 'GET', portrait.files[0]!.url)).status).toBe(404);
    expect((await send(another, 'DELETE', `/v1/portraits/${twin.id}`)).status).toBe(204);
    expect((await send(owner, 'GET', portrait.files[0]!.url)).status).toBe(200);
    // Of other inputs nothing is shared.
    await make(another, { prompt: 'a man with a hat', seed: 3, quality: 'draft' });
    expect(edge.stageServer.starts.length).toBe(starts + 3);
  });

  it('is not made on credit', async () => {
    const response = await send(stranger, 'POST', '/v1/portraits', { body: { prompt: 'a poor man' } });
    expect(response.status).toBe(402);
    expect(problemSchema().parse(await response.json()).code).toBe('insufficient_credits');
    const list = (await (await send(stranger, 'GET', '/v1/portraits')).json()) as { data: unknown[] };
    expect(list.data).toEqual([]);
  });

  it('gives its price back when it is cancelled', async () => {
    const before = await available(owner);
    edge.stageServer.held = 'imagine';
    const { id } = await make(owner, { prompt: 'somebody else', quality: 'draft' }, {});
    await expect.poll(() => available(owner), PATIENTLY).toBeLessThan(before);
    for (let i = 0; i < 3; i++) await send(owner, 'POST', `/v1/portraits/${id}/cancel`);
    edge.stageServer.held = null;
    await expect.poll(() => available(owner), PATIENTLY).toBe(before);
  });

  it('is filtered, and costs nothing, where its prompt is not allowed', async () => {
    const before = await available(owner);
    const filtered = await make(owner, { prompt: 'a naked woman having sex' });
    expect(filtered).toMatchObject({ status: 'filtered', error: { code: 'content_filtered' } });
    expect(await available(owner)).toBe(before);
  });

  it('is kept for thirty days, and says until when', () => {
    const days = (Date.parse(portrait.expires_at!) - Date.parse(portrait.finished_at!)) / 86_400_000;
    expect(days).toBe(30);
  });

  it('can be seen from anywhere: rendered once, then kept', async () => {
    const before = renders();
    const path = `/v1/portraits/${portrait.id}/files/view?yaw=30&pitch=-10`;
    const first = await send(owner, 'GET', path);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/png']);
    const again = await send(owner, 'GET', path, {
      headers: { 'if-none-match': first.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
    expect(renders()).toBe(before + 1);
    const wrong = await send(owner, 'GET', `/v1/portraits/${portrait.id}/files/view?yaw=999`);
    expect([wrong.status, problemSchema().parse(await wrong.json()).code]).toEqual([
      400,
      'invalid_parameter',
    ]);
  });

  it('takes everything with it when it is deleted, once nobody else has an equal one', async () => {
    const body = { prompt: 'twins to be deleted', seed: 2, quality: 'draft' };
    const before = await stored();
    const [a, b] = [await make(owner, body), await make(owner, body)];
    const both = await stored();
    expect(both).toBeGreaterThan(before);
    expect((await send(owner, 'DELETE', `/v1/portraits/${a.id}`)).status).toBe(204);
    expect((await send(owner, 'GET', b.files[0]!.url)).status).toBe(200);
    expect(await stored()).toBe(both);
    expect((await send(owner, 'DELETE', `/v1/portraits/${b.id}`)).status).toBe(204);
    await expect.poll(stored, PATIENTLY).toBe(before);
  });
});

describe('a request', () => {
  it('with an Idempotency-Key is answered once, and then the same again', async () => {
    const headers = { 'idempotency-key': 'order-7' };
    const body = { prompt: 'a woman', quality: 'draft' };
    const first = await send(owner, 'POST', '/v1/portraits', { body, headers });
    const again = await send(owner, 'POST', '/v1/portraits', { body, headers });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([again.status, await again.text()]).toEqual([first.status, await first.text()]);
    const other = await send(owner, 'POST', '/v1/portraits', { body: { prompt: 'a man' }, headers });
    expect([other.status, problemSchema().parse(await other.json()).code]).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    // Another account's keys are its own.
    expect((await send(stranger, 'POST', '/v1/portraits', { body, headers })).status).toBe(402);
  });

  it('with an Idempotency-Key that is being answered has to wait', async () => {
    edge.stageServer.held = 'imagine';
    const body = { prompt: 'a slow woman', quality: 'draft' };
    const headers = { 'idempotency-key': 'order-8', prefer: 'wait=60' };
    const first = send(owner, 'POST', '/v1/portraits', { body, headers });
    const second = async () => {
      const response = await send(owner, 'POST', '/v1/portraits', {
        body,
        headers: { 'idempotency-key': 'order-8' },
      });
      return [response.status, response.headers.has('retry-after')];
    };
    await expect.poll(second, PATIENTLY).toEqual([409, true]);
    edge.stageServer.held = null;
    expect((await first).status).toBe(201);
    expect((await second())[0]).toBe(201);
  });

  it('is told its quota and its id', async () => {
    const response = await send(owner, 'GET', '/v1/portraits?limit=1', {
      headers: { 'x-request-id': 'my-request-1' },
    });
    expect(response.headers.get('ratelimit-policy')).toBe('"requests";q=600;w=60');
    expect(response.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    expect(response.headers.get('x-request-id')).toBe('my-request-1');
    expect((await send(owner, 'GET', '/v1/account')).headers.get('x-request-id')).toMatch(/^req_/);
    // Also where it is refused.
    const refused = await send(tester, 'GET', '/v1/account');
    expect([refused.status, refused.headers.has('ratelimit')]).toEqual([403, true]);
  });

  it('for the list is filtered and paged', async () => {
    const list = async (query: string) =>
      (await (await send(owner, 'GET', `/v1/portraits?${query}`)).json()) as {
        data: Portrait[];
        next_cursor: string | null;
      };
    const cancelled = await list('status=cancelled,filtered');
    expect(new Set(cancelled.data.map(({ status }) => status))).toEqual(new Set(['cancelled', 'filtered']));
    const first = await list('limit=2');
    const second = await list(`limit=2&cursor=${first.next_cursor}`);
    expect(first.data.map(({ id }) => id)).not.toContain(second.data[0]!.id);
    const { created_at } = first.data[1]!;
    const newer = await list(`created_after=${created_at}`);
    expect(newer.data.map(({ id }) => id)).toEqual([first.data[0]!.id]);
    expect((await send(owner, 'GET', '/v1/portraits?status=nonsense')).status).toBe(400);
  });
});

describe('a test key', () => {
  it('makes the same shapes of a canned portrait, and spends nothing', async () => {
    const before = await available(owner);
    const first = await make(tester, { prompt: 'anybody at all', quality: 'draft', outputs: ['front'] });
    expect(first).toMatchObject({ mode: 'test', status: 'succeeded', prompt: 'anybody at all' });
    expect(first.files.map(({ name }) => name)).toEqual(['front.png']);
    expect((await send(tester, 'GET', first.files[0]!.url)).status).toBe(200);
    const starts = edge.stageServer.starts.length;
    const second = await make(tester, { prompt: 'somebody quite different', quality: 'draft' }, {});
    expect(second.status).toBe('queued');
    const done = await send(tester, 'GET', `/v1/portraits/${second.id}`, { headers: { prefer: 'wait=60' } });
    expect(portraitSchema().parse(await done.json()).status).toBe('succeeded');
    expect(edge.stageServer.starts.length).toBe(starts);
    expect(await available(owner)).toBe(before);
  });

  it('fails when it is asked to', async () => {
    const failed = await make(tester, { prompt: 'a man [test:fail]', quality: 'draft' });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'stage_failed', stage: 'invert' } });
  });

  it('has a list of its own', async () => {
    const list = (await (await send(tester, 'GET', '/v1/portraits')).json()) as { data: Portrait[] };
    expect(new Set(list.data.map(({ mode }) => mode))).toEqual(new Set(['test']));
  });
});

describe('what the operator and readers see', () => {
  it('is metrics, for who has the token', async () => {
    expect((await edge.api('/metrics')).status).toBe(401);
    const scrape = async () =>
      (await edge.api('/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).text();
    await expect.poll(scrape, PATIENTLY).toMatch(/portraits_total\{mode="live",status="succeeded"\} \d/);
    const text = await scrape();
    expect(text).toMatch(/http_requests_total\{method="POST",route="\/v1\/portraits",status="201"\} \d/);
    expect(text).toMatch(/pool_limit\{stage="imagine"\} 8/);
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  });

  it('is a status that was looked at just now', async () => {
    const status = (await (await edge.api('/status')).json()) as {
      status: string;
      parts: { name: string }[];
    };
    expect(status.status).toBe('operational');
    expect(status.parts.map(({ name }) => name)).toContain('stage server');
    const page = await edge.api('/status', { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  it('is documentation that loads nothing from elsewhere', async () => {
    const page = await edge.api('/docs');
    const text = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/https?:\/\//);
    const script = await (await edge.api('/docs/script.js')).text();
    expect(() => new vm.Script(script)).not.toThrow();
    const forModels = await (await edge.api('/llms.txt')).text();
    for (const path of Object.keys(openApi.document.paths).filter((one) => /^\/v1\/(?!admin)/.test(one)))
      expect(forModels, path).toContain(path.replace(/\/(?:rotate|ping)$/, ''));
    expect(forModels).toContain('`p3d_test_`');
    // Where a payer comes back to.
    const home = await edge.api('/', { redirect: 'manual' });
    expect([home.status, home.headers.get('location')]).toEqual([302, '/docs']);
  });
});
