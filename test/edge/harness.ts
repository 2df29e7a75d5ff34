import { createTestHarness } from 'wrangler';
import { portraitSchema, type Portrait } from '../../shared/index.ts';
import { StageServerDouble } from './stage-server-double.ts';

export const SIGNING_SECRET = 'a-secret-that-only-these-tests-know';

/** The real worker in workerd with its own R2 and Durable Objects, and the stage server's double. */
export async function startEdge(vars: Record<string, string> = { SIGNING_SECRET }) {
  const stageServer = new StageServerDouble();
  await stageServer.listen();
  const harness = createTestHarness({
    workers: [{ configPath: './wrangler.toml', vars: { GPU_URL: stageServer.url, ...vars } }],
  });
  const { url } = await harness.listen();
  const api = (path: string, init?: RequestInit) => fetch(new URL(path, url), init);
  return {
    url,
    stageServer,
    api,
    post: (body: unknown, headers: Record<string, string> = {}) =>
      api('/v1/portraits', {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: async (id: string, wait = 0): Promise<Portrait> => {
      const response = await api(`/v1/portraits/${id}`, { headers: wait ? { prefer: `wait=${wait}` } : {} });
      return portraitSchema.parse(await response.json());
    },
    close: async () => {
      await stageServer.kill();
      await harness.close();
    },
  };
}
export type Edge = Awaited<ReturnType<typeof startEdge>>;

/** Waits until `holds` is true, looking every 20 ms. @throws after `ms` */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
