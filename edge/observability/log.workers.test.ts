import { env } from 'cloudflare:workers';
import { createExecutionContext } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import { createApp } from '../api/app.ts';
import type { Env } from '../env.ts';

afterEach(() => vi.restoreAllMocks());

it('a log line names request and portrait, and holds neither prompt nor key', async () => {
  const lines: string[] = [];
  for (const level of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line)));
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no connection'));
  const bindings: Env = { ...(env as unknown as Env), AUTH: 'off' };
  const response = await createApp().request(
    'http://127.0.0.1/v1/portraits',
    {
      method: 'POST',
      body: JSON.stringify({ prompt: 'a very private person', quality: 'draft' }),
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer sk_live_a_private_key',
        'x-request-id': 'request-42',
      },
    },
    bindings,
    createExecutionContext(),
  );
  expect(response.status).toBe(202);
  const { id } = await response.json<{ id: string }>();
  await vi.waitFor(() => expect(lines.join('\n')).toContain('stage_server.unreachable'));
  await bindings.JOBS.getByName(id).remove();
  await vi.waitFor(() => expect(lines.join('\n')).toContain('"event":"portrait.finished"'), {
    timeout: 20_000,
  });
  const text = lines.join('\n');
  expect(text).not.toContain('private');
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ at: expect.any(String), event: expect.any(String) });
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ event: 'request', request: 'request-42', status: 202 }),
  );
  expect(text).toContain(id);
});
