import { afterAll, beforeAll, expect, it } from 'vitest';
import { portraitSchema } from '../../shared/index.ts';
import { PATIENTLY, SIGNING_SECRET, startEdge, type Edge } from './harness.ts';

const KEPT_S = 4;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ SIGNING_SECRET, AUTH: 'off', RETENTION_DAYS: String(KEPT_S / 86_400) });
});
afterAll(() => edge.close());

it('a finished portrait is deleted when it said, with its files and from the list', async () => {
  const response = await edge.post({ prompt: 'a fleeting man', quality: 'draft' }, { prefer: 'wait=60' });
  const portrait = portraitSchema().parse(await response.json());
  expect(portrait.status).toBe('succeeded');
  expect(Date.parse(portrait.expires_at!) - Date.parse(portrait.finished_at!)).toBeCloseTo(KEPT_S * 1000, -1);
  expect((await edge.bucket.list({ prefix: 'runs/' })).objects.length).toBeGreaterThan(0);

  const path = `/v1/portraits/${portrait.id}`;
  await expect.poll(async () => (await edge.api(path)).status, PATIENTLY).toBe(404);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(portrait.expires_at!));
  expect((await edge.api(portrait.files[0]!.url)).status).toBe(404);
  const left = async () => (await edge.bucket.list({ prefix: 'runs/' })).objects;
  await expect.poll(left, PATIENTLY).toEqual([]);
  const list = async () => ((await (await edge.api('/v1/portraits')).json()) as { data: unknown[] }).data;
  await expect.poll(list, PATIENTLY).toEqual([]);
});
