import { createRoute, Routes } from './route.ts';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import {
  digestOf,
  formatTraceparent,
  isFinal,
  parseTraceparent,
  portraitRequestSchema,
  SEED_LIMIT,
  type ParsedPortraitRequest,
} from '../../shared/index.ts';
import { beginRequestSpan, exportSpans } from '../observability/trace.ts';
import { log } from '../observability/log.ts';
import { audit, checkRequest } from '../safety/index.ts';
import { directoryOf } from '../jobs/directory.ts';
import type { Answer } from '../jobs/idempotency.ts';
import { deadlineMs, retentionMs } from '../settings.ts';
import { answerOnce } from './answer-once.ts';
import { OF_NEW_PORTRAITS } from './answer-headers.ts';
import { jsonBody, problemAnswers } from './answers.ts';
import type { AppEnv } from './app-env.ts';
import { newId } from '../ids.ts';
import { viewerOf } from './portrait-id.ts';
import { portraitAnswer, portraitHeaders } from './portrait-answer.ts';
import { preferredWait, WAIT_LIMIT_S } from './prefer.ts';
import { urgencyOf } from './priority.ts';
import { ProblemError } from './problem-error.ts';

const BODY_LIMIT = 16 * 1024;

const createPortrait = createRoute('post', '/v1/portraits', () => ({
  id: 'createPortrait',
  summary: 'Make a portrait of a prompt',
  request: {
    headers: z.object({
      prefer: z
        .string()
        .optional()
        .meta({ description: `wait=n: answer when finished, or after n ≤ ${WAIT_LIMIT_S} s.` }),
      priority: z
        .string()
        .optional()
        .meta({ description: 'u=0 (first) to u=7 (last), among your own portraits (RFC 9218).' }),
      'idempotency-key': z
        .string()
        .min(1)
        .max(255)
        .optional()
        .meta({ description: 'Repeats with the same key and body within 24 h get the same answer.' }),
    }),
    body: jsonBody(portraitRequestSchema()),
  },
  responses: {
    201: portraitAnswer(
      'Finished: an equal portrait was made before, or it was done within the preferred wait.',
      OF_NEW_PORTRAITS,
    ),
    202: portraitAnswer('Accepted; follow Location.', OF_NEW_PORTRAITS),
    ...problemAnswers(
      'invalid_json',
      'invalid_parameter',
      'unauthorized',
      'payment_required',
      'payment_invalid',
      'insufficient_credits',
      'spend_cap_reached',
      'insufficient_scope',
      'idempotency_key_in_use',
      'reservation_closed',
      'body_too_large',
      'unsupported_media_type',
      'invalid_request',
      'idempotency_key_reused',
      'content_filtered',
      'rate_limited',
      'concurrency_limit',
      'misconfigured',
      'payment_unsettled',
      'payments_unavailable',
    ),
  },
}));

/** `POST /v1/portraits`. */
export function createPortraitRoute(): Routes {
  const routes = new Routes();
  routes.use(
    '/v1/portraits',
    bodyLimit({
      maxSize: BODY_LIMIT,
      onError: () => {
        throw new ProblemError('body_too_large', `The body is larger than ${BODY_LIMIT} bytes.`);
      },
    }),
  );
  routes.answer(createPortrait, async (c) => {
    const body = c.req.valid('json');
    const key = c.req.header('idempotency-key');
    const waitS = preferredWait(c.req.header('prefer'));
    const make = (id: string) => begin(c, id, body, waitS);
    const answer =
      key === undefined
        ? await make(newId('prt'))
        : await answerOnce(directoryOf(c.env, viewerOf(c)), key, await digestOf(body), waitS ?? 0, make);
    return new Response(answer.body, { status: answer.status, headers: answer.headers }) as never;
  });
  return routes;
}

/** Begins the portrait, and waits for it as long as is wished. */
async function begin(
  c: Context<AppEnv>,
  id: string,
  body: ParsedPortraitRequest,
  waitS: number | null,
): Promise<Answer> {
  const owner = c.get('principal');
  const span = beginRequestSpan(
    'POST /v1/portraits',
    parseTraceparent(c.req.header('traceparent')),
    Date.now(),
  );
  const stub = c.env.JOBS.getByName(id);
  const filtered = await checkRequest(body, c.env);
  if (filtered) {
    const event = { action: 'prompt.filtered', actor: owner.key, subject: id, detail: filtered.category };
    await audit(c.env, owner.account, event);
  }
  const begun = await stub.start({
    id,
    request: { ...body, seed: body.seed ?? drawSeed() },
    terms: {
      owner,
      urgency: urgencyOf(c.req.header('priority')),
      deadlineMs: deadlineMs(c.env),
      retentionMs: retentionMs(c.env, owner.mode),
      trace: { traceId: span.traceId, parentSpanId: span.spanId },
    },
    origin: new URL(c.req.url).origin,
    filtered: filtered?.error ?? null,
  });
  if ('refusal' in begun) {
    const { code, detail, headers } = begun.refusal;
    throw new ProblemError(code, detail, { headers });
  }
  const finished = {
    ...span,
    finishedAt: Date.now(),
    attributes: { 'portrait.id': id, 'request.id': c.get('requestId') },
  };
  c.executionCtx.waitUntil(
    exportSpans(c.env, [finished]).catch((error: unknown) =>
      log('warn', 'report.failed', { request: c.get('requestId'), reason: String(error) }),
    ),
  );
  const portrait = (waitS !== null && (await stub.wait(viewerOf(c), waitS))) || begun.portrait;
  return {
    status: isFinal(portrait.status) ? 201 : 202,
    headers: {
      'content-type': 'application/json',
      location: `/v1/portraits/${id}`,
      traceparent: formatTraceparent(span),
      ...portraitHeaders(portrait, waitS),
    },
    body: JSON.stringify(portrait),
  };
}

function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % (SEED_LIMIT + 1);
}
