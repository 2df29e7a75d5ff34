import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../../shared/index.ts';
import { PATIENTLY, SIGNING_SECRET, startEdge, type Edge } from './harness.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema().parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
};

describe('bad input', () => {
  it.each([
    ['an empty prompt', { prompt: '  ' }, '/prompt', /empty/],
    ['an over-long prompt', { prompt: 'x'.repeat(501) }, '/prompt', /500/],
    ['no prompt', {}, '/prompt', /text/],
    ['a prompt of another type', { prompt: 5 }, '/prompt', /text/],
    ['an unknown quality', { prompt: 'x', quality: 'best' }, '/quality', /draft, standard, high/],
    ['an unknown profile', { prompt: 'x', profile: 'huge' }, '/profile', /mini/],
    ['a seed out of range', { prompt: 'x', seed: -1 }, '/seed', /2147483647/],
    ['a seed of another type', { prompt: 'x', seed: '7' }, '/seed', /whole number/],
    ['an unknown output', { prompt: 'x', outputs: ['video'] }, '/outputs/0', /turntable/],
    ['an unknown member', { prompt: 'x', qualty: 'draft' }, '/qualty', /not a known member/],
    ['too many candidates', { prompt: 'x', candidates: 9 }, '/candidates', /candidates/],
    ['a list', [], '', /object/],
  ])('%s is invalid_request and says where', async (_, body, pointer, detail) => {
    const problem = await problemOf(await edge.post(body));
    expect(problem).toMatchObject({ code: 'invalid_request', status: 422 });
    expect(problem.errors).toHaveLength(1);
    expect(problem.errors![0]).toMatchObject({ pointer, detail: expect.stringMatching(detail) });
  });

  it('broken JSON is invalid_json', async () => {
    for (const body of ['{"prompt": ', '', 'an old man'])
      expect(await problemOf(await edge.post(body))).toMatchObject({ code: 'invalid_json', status: 400 });
  });

  it('a body that is not declared as JSON is unsupported_media_type', async () => {
    const response = await edge.post('{"prompt":"x"}', { 'content-type': 'text/plain' });
    expect(await problemOf(response)).toMatchObject({ code: 'unsupported_media_type', status: 415 });
  });

  it('a huge body is body_too_large', async () => {
    const response = await edge.post({ prompt: 'x'.repeat(100_000) });
    expect(await problemOf(response)).toMatchObject({ code: 'body_too_large', status: 413 });
  });

  it('an unknown id is portrait_not_found', async () => {
    for (const id of ['prt_000000000000000000000000', 'nonsense', '%00'])
      expect(await problemOf(await edge.api(`/v1/portraits/${id}`))).toMatchObject({
        code: 'portrait_not_found',
        status: 404,
      });
  });

  it('an unknown route is route_not_found', async () => {
    const response = await edge.api('/v2/portraits');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await problemOf(response)).toMatchObject({ code: 'route_not_found', status: 404 });
  });

  it('a wrong method is method_not_allowed and names the right ones', async () => {
    const response = await edge.api('/v1/portraits', { method: 'PATCH' });
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await problemOf(response)).toMatchObject({ code: 'method_not_allowed', status: 405 });
  });

  it('a wrong query parameter or header is invalid_parameter', async () => {
    for (const [query, detail] of [
      ['limit=0', 'limit: must be a whole number from 1 to 100.'],
      ['limit=x', 'limit: must be a whole number from 1 to 100.'],
      ['cursor=abc', 'cursor: use the next_cursor of the page before.'],
      ['stauts=failed', 'stauts: is not a known parameter.'],
    ])
      expect(await problemOf(await edge.api(`/v1/portraits?${query}`))).toMatchObject({
        code: 'invalid_parameter',
        status: 400,
        detail,
      });
    const response = await edge.post({ prompt: 'x' }, { 'idempotency-key': 'k'.repeat(256) });
    expect(await problemOf(response)).toMatchObject({ code: 'invalid_parameter' });
  });

  it('an unknown file is file_not_found', async () => {
    const { id } = (await (await edge.post({ prompt: 'x' })).json()) as { id: string };
    expect(await problemOf(await edge.api(`/v1/portraits/${id}/files/secret.txt`))).toMatchObject({
      code: 'file_not_found',
    });
  });
});

describe('what only stage servers use', () => {
  const sha256 = 'a'.repeat(64);

  it('refuses artifact URLs that are unsigned, tampered with or expired', async () => {
    const past = Math.floor(Date.now() / 1000) - 10;
    for (const query of [
      '',
      `?exp=${past + 3600}&sig=${sha256}`,
      `?exp=${past}&sig=${sha256}`,
      '?exp=x&sig=y',
    ])
      for (const method of ['GET', 'PUT'])
        expect(
          await problemOf(await edge.api(`/internal/artifacts/${sha256}${query}`, { method })),
        ).toMatchObject({ code: 'invalid_signature', status: 403 });
  });

  it('refuses bytes that are not those of the URL', async () => {
    const { signedPutTemplate } = await import('../../edge/artifacts/signed-url.ts');
    const exp = Math.floor(Date.now() / 1000) + 60;
    const put = async (run: string) => {
      const template = await signedPutTemplate(edge.url.origin, SIGNING_SECRET, run, exp);
      return fetch(template.replace('{sha256}', sha256), { method: 'PUT', body: 'other bytes' });
    };
    expect(await problemOf(await put('b'.repeat(64)))).toMatchObject({ code: 'nobody_waits', status: 410 });
    edge.stageServer.held = 'imagine';
    await edge.post({ prompt: 'somebody held' });
    await expect.poll(() => edge.stageServer.runs.length, PATIENTLY).toBeGreaterThan(0);
    const [run] = edge.stageServer.runs;
    expect(await problemOf(await put(run!))).toMatchObject({ code: 'artifact_mismatch', status: 400 });
    const template = await signedPutTemplate(edge.url.origin, SIGNING_SECRET, run!, exp);
    const other = template.replace('{sha256}', sha256).replace(/run=./, 'run=x');
    expect((await fetch(other, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('refuses callbacks that are not signed', async () => {
    const { id } = (await (await edge.post({ prompt: 'x' })).json()) as { id: string };
    const response = await edge.api(`/internal/callbacks/${id}`, { method: 'POST', body: '{}' });
    expect(await problemOf(response)).toMatchObject({ code: 'invalid_signature', status: 403 });
  });
});

describe('the service description', () => {
  it('is an OpenAPI document that names the public routes and no internal one', async () => {
    const document = (await (await edge.api('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe('3.1.0');
    const paths = Object.keys(document.paths);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/health',
        '/status',
        '/v1/portraits',
        '/v1/portraits/{id}',
        '/v1/portraits/{id}/cancel',
        '/v1/portraits/{id}/events',
        '/v1/portraits/{id}/files/view',
        '/v1/portraits/{id}/files/{name}',
      ]),
    );
    expect(paths.filter((path) => path.startsWith('/internal'))).toEqual([]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Portrait', 'PortraitRequest', 'Problem', 'PortraitEvent']),
    );
  });
});

describe('a worker without its signing secret', () => {
  it('says what to set, and takes no portraits', async () => {
    const bare = await startEdge({});
    try {
      for (const response of [await bare.post({ prompt: 'x' }), await bare.api('/health')]) {
        const problem = await problemOf(response);
        expect(problem).toMatchObject({ code: 'misconfigured', status: 500 });
        expect(problem.detail).toContain('SIGNING_SECRET');
      }
    } finally {
      await bare.close();
    }
  });
});
