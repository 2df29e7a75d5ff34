import { createRoute, Routes } from '../api/route.ts';
import * as z from 'zod';
import {
  lazily,
  hmacHex,
  provenanceKey,
  provenanceOf,
  signedProvenanceSchema,
  signProvenance,
} from '../../shared/index.ts';
import { adminOnly } from '../accounts/guard.ts';
import { jsonBody, problemAnswers } from '../api/answers.ts';
import { pageLimit } from '../api/page-limit.ts';
import { findJob, notFound, portraitIdSchema, viewerOf } from '../api/portrait-id.ts';
import { ProblemError } from '../api/problem-error.ts';
import { signingSecret, type Env } from '../env.ts';
import { audit } from './audit-log.ts';
import { Takedowns, type Takedown } from './takedowns.ts';
import { BODY_PROBLEMS } from '../accounts/small-body.ts';

const provenance = createRoute('get', '/v1/portraits/{id}/provenance', () => ({
  id: 'getProvenance',
  summary: 'Where a finished portrait comes from: a signed manifest with the hash of every file',
  request: { params: z.object({ id: portraitIdSchema() }) },
  responses: {
    200: {
      description: 'The manifest; its key is at /.well-known/provenance-keys.json.',
      content: { 'application/json': { schema: signedProvenanceSchema() } },
    },
    ...problemAnswers('unauthorized', 'insufficient_scope', 'portrait_not_found', 'file_not_found'),
  },
}));

const keysSchema = lazily(() =>
  z.object({ keys: z.array(z.record(z.string(), z.string())) }).meta({ id: 'ProvenanceKeys' }),
);
const keys = createRoute('get', '/.well-known/provenance-keys.json', () => ({
  id: 'getProvenanceKeys',
  summary: 'The public key that signs provenance (JWK Set)',
  responses: { 200: { description: 'The keys.', content: { 'application/json': { schema: keysSchema() } } } },
}));

const takedownSchema = lazily(() =>
  z.strictObject({ portrait: z.string(), reason: z.string().min(1).max(500) }).meta({ id: 'Takedown' }),
);
const takedown = createRoute('post', '/v1/admin/takedowns', () => ({
  id: 'createTakedown',
  summary: 'Take a portrait down, with its files, and refuse equal requests from now on (operator)',
  request: { body: jsonBody(takedownSchema()) },
  responses: {
    204: { description: 'Taken down.' },
    ...problemAnswers('unauthorized', 'portrait_not_found', ...BODY_PROBLEMS, 'route_not_found'),
  },
}));

const takenDownSchema = lazily(() =>
  z
    .object({
      object: z.literal('takedown'),
      portrait: z.string(),
      reason: z.string(),
      created_at: z.iso.datetime(),
    })
    .meta({ id: 'TakenDown' }),
);
const takedownParams = lazily(() => z.object({ portrait: z.string() }));
const getTakedown = createRoute('get', '/v1/admin/takedowns/{portrait}', () => ({
  id: 'getTakedown',
  summary: 'The takedown of a portrait (operator)',
  request: { params: takedownParams() },
  responses: {
    200: { description: 'The takedown.', content: { 'application/json': { schema: takenDownSchema() } } },
    ...problemAnswers('unauthorized', 'portrait_not_found', 'route_not_found'),
  },
}));
const liftTakedown = createRoute('delete', '/v1/admin/takedowns/{portrait}', () => ({
  id: 'liftTakedown',
  summary: 'Lift a takedown: equal requests are made again; the portrait stays deleted (operator)',
  request: { params: takedownParams() },
  responses: {
    204: { description: 'Lifted.' },
    ...problemAnswers('unauthorized', 'portrait_not_found', 'route_not_found'),
  },
}));

const auditSchema = lazily(() =>
  z
    .object({
      object: z.literal('list'),
      data: z.array(
        z.object({
          seq: z.int(),
          at: z.iso.datetime(),
          action: z.string(),
          actor: z.string(),
          subject: z.string(),
          detail: z.string(),
          hash: z.string(),
        }),
      ),
      intact: z.boolean().meta({ description: 'Every hash follows from the entries before it.' }),
      next_cursor: z.string().nullable(),
    })
    .meta({ id: 'AuditLog' }),
);
const auditLog = createRoute('get', '/v1/admin/audit/{log}', () => ({
  id: 'listAudit',
  summary: 'The audit log of an account, or of the service (`system`), newest first (operator)',
  request: {
    params: z.object({
      log: z.string().regex(/^(?:system|acc_[0-9a-z]{24})$/, 'must be system or an account'),
    }),
    query: z.object({
      limit: pageLimit(50),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/, 'use the next_cursor of the page before')
        .optional(),
    }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: auditSchema() } } },
    ...problemAnswers('unauthorized', 'invalid_parameter', 'route_not_found'),
  },
}));

/** Provenance, takedowns and the audit log. */
export function safetyRoutes(): Routes {
  const routes = new Routes();
  for (const path of ['/v1/admin/takedowns/*', '/v1/admin/audit/*']) routes.use(path, adminOnly);

  routes.answer(provenance, async (c) => {
    const { id } = c.req.valid('param');
    const portrait = await findJob(c.env, id).portrait(viewerOf(c));
    if (!portrait) throw notFound(id);
    if (portrait.status !== 'succeeded' || portrait.model === null)
      throw new ProblemError('file_not_found', `The portrait ${id} is not finished.`);
    return c.json(await signProvenance(await provenanceOf(portrait), await keyOf(c.env)), 200);
  });

  routes.answer(keys, async (c) => c.json({ keys: [{ ...(await keyOf(c.env)).jwk }] }, 200));

  routes.answer(takedown, async (c) => {
    const { portrait, reason } = c.req.valid('json');
    // Written down first: what was taken down without a trace could not be answered for.
    const shown = await findJob(c.env, portrait).portrait();
    if (!shown) throw notFound(portrait);
    await audit(c.env, 'system', {
      action: 'portrait.taken_down',
      actor: 'admin',
      subject: portrait,
      detail: reason,
    });
    await new Takedowns(c.env.ARTIFACTS).add(portrait, shown, reason);
    await findJob(c.env, portrait).remove();
    return c.body(null, 204);
  });

  routes.answer(getTakedown, async (c) => {
    const { portrait, reason, at } = await takenDown(c.env, c.req.valid('param').portrait);
    return c.json({ object: 'takedown' as const, portrait, reason, created_at: at }, 200);
  });

  routes.answer(liftTakedown, async (c) => {
    const found = await takenDown(c.env, c.req.valid('param').portrait);
    await audit(c.env, 'system', {
      action: 'takedown.lifted',
      actor: 'admin',
      subject: found.portrait,
      detail: `taken down at ${found.at}`,
    });
    await new Takedowns(c.env.ARTIFACTS).lift(found);
    return c.body(null, 204);
  });

  routes.answer(auditLog, async (c) => {
    const log = c.env.AUDIT.getByName(c.req.valid('param').log);
    const { limit, cursor } = c.req.valid('query');
    const entries = await log.list(cursor === undefined ? null : Number(cursor), limit + 1);
    const data = entries.slice(0, limit);
    const next_cursor = entries.length > limit ? String(data.at(-1)!.seq) : null;
    return c.json(
      { object: 'list' as const, data, intact: (await log.firstBroken()) === null, next_cursor },
      200,
    );
  });

  return routes;
}

/** @throws ProblemError portrait_not_found where the portrait was not taken down. */
async function takenDown(env: Env, portrait: string): Promise<Takedown> {
  const found = await new Takedowns(env.ARTIFACTS).get(portrait);
  if (!found) throw new ProblemError('portrait_not_found', `No takedown of ${portrait} is in force.`);
  return found;
}

/** The key that signs provenance, derived from the signing secret. */
async function keyOf(env: Env) {
  const seed = await hmacHex(signingSecret(env), 'provenance key');
  return provenanceKey(Uint8Array.from(seed.match(/../g)!, (pair) => Number.parseInt(pair, 16)));
}
