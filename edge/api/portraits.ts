import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import {
  digestOf,
  isFinal,
  portraitListSchema,
  portraitRequestSchema,
  portraitSchema,
  SEED_LIMIT,
  type PortraitRequest,
} from '../../shared/index.ts';
import { readModel, readPortrait } from '../artifacts/store.ts';
import type { Env } from '../env.ts';
import { StageServer } from '../gpu/stage-server.ts';
import { modelOf, portraitDigest } from '../jobs/effects.ts';
import type { Model } from '../jobs/job.ts';
import { problemAnswers } from './answers.ts';
import type { AppEnv } from './app.ts';
import { findJob, newPortraitId, portraitIdSchema } from './portrait-id.ts';
import { preferredWait, WAIT_LIMIT_S } from './prefer.ts';
import { ProblemError } from './problem-error.ts';

const BODY_LIMIT = 16 * 1024;

/** The stage server's health decides which cached result fits; a create does not wait longer for it than this. */
const HEALTH_WITHIN_MS = 400;

const portraitAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: portraitSchema } },
});

const params = z.object({ id: portraitIdSchema });

const createPortrait = createRoute({
  method: 'post',
  path: '/v1/portraits',
  summary: 'Make a portrait of a prompt',
  request: {
    headers: z.object({
      prefer: z
        .string()
        .optional()
        .meta({ description: `wait=n: answer when finished, or after n ≤ ${WAIT_LIMIT_S} s.` }),
      'idempotency-key': z
        .string()
        .min(1)
        .max(255)
        .optional()
        .meta({ description: 'Repeats with the same key and body within 24 h find the same portrait.' }),
    }),
    body: { required: true, content: { 'application/json': { schema: portraitRequestSchema } } },
  },
  responses: {
    201: portraitAnswer(
      'Finished: an equal portrait was made before, or it was done within the preferred wait.',
    ),
    202: portraitAnswer('Accepted; follow Location.'),
    ...problemAnswers(
      'invalid_json',
      'invalid_parameter',
      'body_too_large',
      'unsupported_media_type',
      'invalid_request',
      'idempotency_key_reused',
      'misconfigured',
    ),
  },
});

const getPortrait = createRoute({
  method: 'get',
  path: '/v1/portraits/{id}',
  summary: 'One portrait',
  request: { params, headers: z.object({ prefer: z.string().optional() }) },
  responses: { 200: portraitAnswer('The portrait.'), ...problemAnswers('portrait_not_found') },
});

const listPortraits = createRoute({
  method: 'get',
  path: '/v1/portraits',
  summary: 'All portraits, newest first',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/, 'use the next_cursor of the page before')
        .optional(),
    }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: portraitListSchema } } },
    ...problemAnswers('invalid_parameter'),
  },
});

const cancelPortrait = createRoute({
  method: 'post',
  path: '/v1/portraits/{id}/cancel',
  summary: 'Stop the work; a finished portrait stays as it is',
  request: { params },
  responses: { 200: portraitAnswer('The portrait.'), ...problemAnswers('portrait_not_found') },
});

const deletePortrait = createRoute({
  method: 'delete',
  path: '/v1/portraits/{id}',
  summary: 'Stop the work and forget the portrait',
  request: { params },
  responses: { 204: { description: 'Deleted.' }, ...problemAnswers('portrait_not_found') },
});

/** `/v1/portraits`: create, get, list, cancel, delete. */
export function portraitRoutes(): OpenAPIHono<AppEnv> {
  const routes = new OpenAPIHono<AppEnv>();
  routes.use(
    '/v1/portraits',
    bodyLimit({
      maxSize: BODY_LIMIT,
      onError: () => {
        throw new ProblemError('body_too_large', `The body is larger than ${BODY_LIMIT} bytes.`);
      },
    }),
  );

  routes.openapi(createPortrait, async (c) => {
    const body = c.req.valid('json');
    const wait = preferredWait(c.req.header('prefer'));
    const key = c.req.header('idempotency-key');
    const registration = await directory(c.env).register(
      newPortraitId(),
      key === undefined ? null : { key, request: await digestOf(body) },
    );
    if (registration.kind === 'conflict')
      throw new ProblemError('idempotency_key_reused', `The key ${key} belongs to another request.`);

    const { id } = registration;
    const request: PortraitRequest = { ...body, seed: body.seed ?? drawSeed() };
    const stub = c.env.JOBS.getByName(id);
    let portrait = await stub.start({
      id,
      request,
      origin: new URL(c.req.url).origin,
      finished: await findFinished(c.env, request),
    });
    if (wait !== null) {
      portrait = (await stub.wait(wait)) ?? portrait;
      c.header('preference-applied', `wait=${wait}`);
    }
    c.header('location', `/v1/portraits/${id}`);
    return c.json(portrait, isFinal(portrait.status) ? 201 : 202);
  });

  routes.openapi(getPortrait, async (c) => {
    const { id } = c.req.valid('param');
    const wait = preferredWait(c.req.header('prefer'));
    const stub = findJob(c.env, id);
    const portrait = wait === null ? await stub.portrait() : await stub.wait(wait);
    if (!portrait) throw notFound(id);
    if (wait !== null) c.header('preference-applied', `wait=${wait}`);
    return c.json(portrait, 200);
  });

  routes.openapi(listPortraits, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const { ids, next } = await directory(c.env).list(cursor === undefined ? null : Number(cursor), limit);
    const portraits = await Promise.all(ids.map(async (id) => c.env.JOBS.getByName(id).portrait()));
    const data = portraits.filter((portrait) => portrait !== null);
    return c.json({ object: 'list' as const, data, next_cursor: next === null ? null : String(next) }, 200);
  });

  routes.openapi(cancelPortrait, async (c) => {
    const { id } = c.req.valid('param');
    const portrait = await findJob(c.env, id).cancel();
    if (!portrait) throw notFound(id);
    return c.json(portrait, 200);
  });

  routes.openapi(deletePortrait, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await findJob(c.env, id).remove())) throw notFound(id);
    await directory(c.env).remove(id);
    return c.body(null, 204);
  });

  return routes;
}

const directory = (env: Env) => env.DIRECTORY.getByName('all');

const notFound = (id: string) => new ProblemError('portrait_not_found', `There is no portrait ${id}.`);

function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % (SEED_LIMIT + 1);
}

/** The results of an equal portrait, made with the weights that are loaded now. */
async function findFinished(env: Env, request: PortraitRequest) {
  const model = await currentModel(env, request.profile);
  if (!model) return null;
  const results = await readPortrait(env.ARTIFACTS, await portraitDigest(request, model));
  return results && { model, results };
}

/** The weights loaded now, or where the stage server does not say so at once, those it had last. */
async function currentModel(env: Env, profile: string): Promise<Model | null> {
  const stageServer = new StageServer({ url: env.GPU_URL, token: env.STAGE_SERVER_TOKEN });
  const health = await stageServer.health(HEALTH_WITHIN_MS);
  const model = health.status === 'UNREACHABLE' ? null : modelOf(health);
  return model?.profile === profile ? model : readModel(env.ARTIFACTS, profile);
}
