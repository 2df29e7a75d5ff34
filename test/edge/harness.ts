import { createTestHarness } from 'wrangler';
import { portraitSchema, type Portrait } from '../../shared/index.ts';
import { StageServerDouble } from './stage-server-double.ts';

// No look-up of Request.cf at Cloudflare: the tests need no network.
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';

export const SIGNING_SECRET = 'a-secret-that-only-these-tests-know';

/** As much of an R2 bucket as tests look at. */
interface Bucket {
  list(options: { prefix: string }): Promise<{ objects: { key: string }[] }>;
}

/** The real worker in workerd with its own R2 and Durable Objects, and the stage server's double. */
export async function startEdge(vars: Record<string, string> = { SIGNING_SECRET, AUTH: 'off' }) {
  const stageServer = new StageServerDouble();
  await stageServer.listen();
  const harness = createTestHarness({
    workers: [{ configPath: './wrangler.toml', vars: { GPU_URL: stageServer.url, ...vars } }],
  });
  const { url } = await harness.listen();
  const api = (path: string, init?: RequestInit) => fetch(new URL(path, url), init);
  const { ARTIFACTS } = (await harness.getWorker().getEnv()) as unknown as { ARTIFACTS: Bucket };
  return {
    url,
    stageServer,
    /** What the worker has stored. */
    bucket: ARTIFACTS,
    api,
    post: (body: unknown, headers: Record<string, string> = {}) =>
      api('/v1/portraits', {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: async (id: string, wait = 0): Promise<Portrait> => {
      const response = await api(`/v1/portraits/${id}`, { headers: wait ? { prefer: `wait=${wait}` } : {} });
      return portraitSchema().parse(await response.json());
    },
    close: async () => {
      await stageServer.kill();
      await harness.close();
    },
  };
}
/** How long to look for a change, in steps of so many milliseconds: the machine may be busy. */
export const PATIENTLY = { timeout: 50_000, interval: 50 };

export type Edge = Awaited<ReturnType<typeof startEdge>>;
