import { createRoute, Routes } from './route.ts';
import * as z from 'zod';
import { PORTRAIT_STATUSES, portraitListSchema, QUALITIES } from '../../shared/index.ts';
import { directoryOf, type Position } from '../jobs/directory.ts';
import { problemAnswers } from './answers.ts';
import { pageLimit } from './page-limit.ts';
import { viewerOf } from './portrait-id.ts';
import { ProblemError } from './problem-error.ts';

const statuses = new Set<string>(PORTRAIT_STATUSES);

const listPortraits = createRoute('get', '/v1/portraits', () => ({
  id: 'listPortraits',
  summary: 'Your portraits, newest first',
  request: {
    query: z.object({
      limit: pageLimit(20),
      cursor: z.string().max(100).optional().meta({ description: 'The next_cursor of the page before.' }),
      status: z
        .string()
        .refine((text) => text.split(',').every((status) => statuses.has(status)), {
          error: `must be one or several of ${PORTRAIT_STATUSES.join(', ')}, with commas between`,
        })
        .optional()
        .meta({ description: 'Only these, with commas between.', example: 'succeeded,failed' }),
      quality: z.enum(QUALITIES).optional(),
      created_after: z.iso.datetime({ offset: true }).optional(),
      created_before: z.iso.datetime({ offset: true }).optional(),
    }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: portraitListSchema() } } },
    ...problemAnswers('invalid_parameter', 'unauthorized', 'insufficient_scope', 'rate_limited'),
  },
}));

/** `GET /v1/portraits`. */
export function listPortraitsRoute(): Routes {
  const routes = new Routes();
  routes.answer(listPortraits, async (c) => {
    const { limit, cursor, status, quality, created_after, created_before } = c.req.valid('query');
    const filter = {
      status: status?.split(',') as (typeof PORTRAIT_STATUSES)[number][] | undefined,
      quality,
      createdAfter: created_after === undefined ? undefined : Date.parse(created_after),
      createdBefore: created_before === undefined ? undefined : Date.parse(created_before),
    };
    const viewer = viewerOf(c);
    const after = cursor === undefined ? null : parseCursor(cursor);
    const { ids, next } = await directoryOf(c.env, viewer).list(filter, after, limit);
    const portraits = await Promise.all(ids.map(async (id) => c.env.JOBS.getByName(id).portrait(viewer)));
    const data = portraits.filter((portrait) => portrait !== null);
    return c.json({ object: 'list' as const, data, next_cursor: next && formatCursor(next) }, 200);
  });
  return routes;
}

/** A position as a text that means nothing to callers. */
export function formatCursor({ createdAt, id }: Position): string {
  return btoa(`${createdAt} ${id}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The position of a cursor. @throws ProblemError invalid_parameter */
export function parseCursor(cursor: string): Position {
  let text = '';
  try {
    text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    // No base64 at all: refused below.
  }
  const parts = /^(\d{1,15}) (prt_[0-9a-z]{24})$/.exec(text);
  if (!parts) throw new ProblemError('invalid_parameter', 'cursor: use the next_cursor of the page before.');
  return { createdAt: Number(parts[1]), id: parts[2]! };
}
