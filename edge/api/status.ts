import { createRoute, Routes } from './route.ts';
import type { Context } from 'hono';
import * as z from 'zod';
import { lazily, STAGES } from '../../shared/index.ts';
import { modelPath } from '../artifacts/paths.ts';
import { StageServer } from '../gpu/stage-server.ts';
import { metricsOf } from '../observability/metrics.ts';
import type { AppEnv } from './app-env.ts';

const WITHIN_MS = 3_000;

const partSchema = lazily(() =>
  z.object({
    name: z.string(),
    status: z.enum(['operational', 'degraded', 'down']),
    detail: z.string(),
    milliseconds: z.int().min(0),
  }),
);
type PartStatus = Pick<z.output<ReturnType<typeof partSchema>>, 'status' | 'detail'>;

const statusSchema = lazily(() =>
  z
    .object({
      status: z.enum(['operational', 'degraded', 'down']),
      checked_at: z.iso.datetime(),
      parts: z.array(partSchema()),
    })
    .meta({ id: 'ServiceStatus' }),
);

const getStatus = createRoute('get', '/status', () => ({
  id: 'getStatus',
  summary: 'How each part of the service is, checked now; a page for browsers',
  responses: {
    200: { description: 'The parts.', content: { 'application/json': { schema: statusSchema() } } },
  },
}));

/** `GET /status`: what is said of a part was tried when it was asked for. */
export function statusRoutes(): Routes {
  const routes = new Routes();
  routes.answer(getStatus, async (c) => {
    const parts = await Promise.all([
      check('stage server', () => stageServerStatus(c)),
      check('artifact storage', async () => {
        await c.env.ARTIFACTS.head(modelPath('mini'));
        return { status: 'operational', detail: 'Answers.' };
      }),
      check('queue', () => queueStatus(c)),
      check('metrics', async () => {
        await metricsOf(c.env).read();
        return { status: 'operational', detail: 'Answers.' };
      }),
    ]);
    const worst = (['down', 'degraded'] as const).find((status) =>
      parts.some((part) => part.status === status),
    );
    const body = { status: worst ?? ('operational' as const), checked_at: new Date().toISOString(), parts };
    c.header('cache-control', 'no-store');
    if (c.req.header('accept')?.includes('text/html')) return c.html(page(body)) as never;
    return c.json(body, 200);
  });
  return routes;
}

async function check(
  name: string,
  look: () => Promise<PartStatus>,
): Promise<z.output<ReturnType<typeof partSchema>>> {
  const startedAt = Date.now();
  const late = new Promise<PartStatus>((resolve) =>
    setTimeout(
      () => resolve({ status: 'down', detail: `No answer within ${WITHIN_MS / 1000} s.` }),
      WITHIN_MS,
    ),
  );
  const found = await Promise.race([look(), late]).catch((): PartStatus => ({
    status: 'down',
    detail: 'Does not answer.',
  }));
  return { name, ...found, milliseconds: Date.now() - startedAt };
}

async function stageServerStatus(c: Context<AppEnv>): Promise<PartStatus> {
  const stageServer = new StageServer({ url: c.env.GPU_URL, token: c.env.STAGE_SERVER_TOKEN });
  const { status } = await stageServer.health(WITHIN_MS);
  if (status === 'READY' || status === 'BUSY') return { status: 'operational', detail: `${status}.` };
  if (status === 'STARTING') return { status: 'degraded', detail: 'Starting: portraits wait for it.' };
  return { status: 'down', detail: 'Away: portraits wait for it.' };
}

async function queueStatus(c: Context<AppEnv>): Promise<PartStatus> {
  const sizes = await Promise.all(STAGES.map(async (stage) => c.env.POOLS.getByName(stage).size(stage)));
  const working = sizes.reduce((sum, size) => sum + size.working, 0);
  const waiting = sizes.reduce((sum, size) => sum + size.waiting, 0);
  return { status: 'operational', detail: `${working} in work, ${waiting} waiting.` };
}

function page({ status, checked_at, parts }: z.output<ReturnType<typeof statusSchema>>): string {
  const rows = parts
    .map(
      (part) =>
        `<tr class="${part.status}"><th>${part.name}</th><td>${part.status}</td><td>${part.detail}</td><td>${part.milliseconds} ms</td></tr>`,
    )
    .join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Portrait3D: ${status}</title>
<style>body{font:16px/1.5 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem}table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:.5rem;border-top:1px solid #ddd}.operational td:nth-child(2){color:#17733a}
.degraded td:nth-child(2){color:#96600a}.down td:nth-child(2){color:#b3261e}</style>
<h1>${status}</h1><table>${rows}</table><p>Checked at ${checked_at}. As JSON: ask with Accept: application/json.</p></html>`;
}
