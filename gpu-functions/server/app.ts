import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import {
  RUN_WAIT_LIMIT_S,
  STAGE_INPUTS,
  sha256Schema,
  stageKey,
  stageParamsSchemas,
  startRunSchema,
  type Health,
  type StageParams,
  type StartRun,
} from '../../shared/index.ts';
import { RunProblem } from './problem.ts';
import type { RunService } from './runs.ts';
import type { Loaded } from './stage-messages.ts';

export interface AppOptions {
  /** Bearer token without which nobody may use the runs. */
  token: string;
  runs: RunService;
  health: () => Health;
  /** What is loaded, once it is. */
  loaded: () => Loaded | undefined;
}

/** The run protocol (docs/run-protocol.md) over {@link Runs}. Holds no state of its own. */
export function stageServerApp({ token, runs, health, loaded }: AppOptions): Hono {
  const app = new Hono();
  const expected = digest(`Bearer ${token}`);

  app.get('/health', (c) => c.json(health()));

  // For orchestrators, which read the status alone: 200 where runs may come, 503 where none may.
  app.get('/healthz', (c) => {
    const { state, reason } = healthState(health());
    const usable = state === 'ready' || state === 'busy';
    return c.json({ state, ...(reason && { reason }) }, usable ? 200 : 503);
  });

  app.use('/runs/*', async (c, next) => {
    if (!timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected)) {
      throw new RunProblem('unauthorized', "Send the server's token as Authorization: Bearer <token>.");
    }
    if (!sha256Schema().safeParse(c.req.path.split('/')[2]).success) {
      throw new RunProblem('invalid_run', 'The key must be 64 lower-case hexadecimal digits.');
    }
    await next();
  });

  app.put('/runs/:key', bodyLimit({ maxSize: 1 << 20, onError: tooLarge }), async (c) => {
    const { key } = c.req.param();
    const body = parseBody(await c.req.text());
    const now = loaded();
    if (!now) throw new RunProblem('not_ready', health().message ?? 'The networks are still being read.', 2);
    await check(key, body, now);
    const { run, created } = await runs.put(key, body);
    return c.json(run, created ? 201 : 200);
  });

  app.get('/runs/:key', async (c) => {
    const asked = Number(c.req.query('wait') ?? 0);
    const seconds = Number.isFinite(asked) ? Math.min(RUN_WAIT_LIMIT_S, asked) : 0;
    return c.json(await runs.wait(c.req.param('key'), seconds, c.req.raw.signal));
  });

  app.delete('/runs/:key', async (c) => c.json(await runs.release(c.req.param('key'), c.req.query('owner'))));

  app.onError((error) => {
    if (error instanceof RunProblem) return error.response();
    throw error;
  });
  return app;
}

const STATES = {
  STARTING: 'starting',
  READY: 'ready',
  BUSY: 'busy',
  DRAINING: 'draining',
  SETUP_FAILED: 'failed',
} as const satisfies Record<Health['status'], string>;

/** A container's state in one word, and where it takes no runs, why. */
function healthState({ status, message }: Health) {
  return { state: STATES[status], reason: message };
}

function tooLarge(): never {
  throw new RunProblem('invalid_run', 'The body is larger than 1 MiB.');
}

function parseBody(text: string): StartRun {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RunProblem('invalid_run', `The body is not JSON: ${(error as Error).message}`);
  }
  const parsed = startRunSchema().safeParse(json);
  if (!parsed.success) throw new RunProblem('invalid_run', z.prettifyError(parsed.error));
  return parsed.data;
}

/** @throws RunProblem where the run is not one of this server's, or the key is not the body's. */
async function check(key: string, body: StartRun, loaded: Loaded): Promise<void> {
  const { stage, version, model, params } = body;
  if (model.profile !== loaded.profile || model.digest !== loaded.digest) {
    throw new RunProblem(
      'model_mismatch',
      `The run is for ${model.profile} ${model.digest}; loaded is ${loaded.profile} ${loaded.digest}.`,
    );
  }
  if (loaded.stages[stage] !== version) {
    const runs = Object.entries(loaded.stages).map(([name, one]) => `${name} ${one}`);
    throw new RunProblem(
      'invalid_run',
      `The run is for ${stage} ${version}; this server runs ${runs.join(', ')}.`,
    );
  }
  const checked = stageParamsSchemas()[stage].safeParse(params);
  if (!checked.success) throw new RunProblem('invalid_run', `params: ${z.prettifyError(checked.error)}`);
  const missing = STAGE_INPUTS[stage].filter((name) => !(name in body.inputs));
  if (missing.length > 0)
    throw new RunProblem('invalid_run', `The inputs ${missing.join(', ')} are missing.`);

  const inputs = Object.fromEntries(Object.entries(body.inputs).map(([name, { sha256 }]) => [name, sha256]));
  const right = await stageKey({
    stage,
    version,
    model: model.digest,
    params: params as StageParams,
    inputs,
  });
  if (key !== right) throw new RunProblem('invalid_run', `The key of this body is ${right}.`);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
