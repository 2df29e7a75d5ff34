import { createRoute, Routes } from './route.ts';
import type { Context } from 'hono';
import * as z from 'zod';
import { bucketSource, serveArtifact } from '../artifacts/serve.ts';
import type { StoredFile } from '../jobs/resource.ts';
import { OF_FILES, OF_RANGES } from './answer-headers.ts';
import { problemAnswers } from './answers.ts';
import type { AppEnv } from './app-env.ts';
import { findJob, notFound, portraitIdSchema, viewerOf } from './portrait-id.ts';
import { ProblemError } from './problem-error.ts';

const bytes = { '*/*': { schema: z.string().meta({ format: 'binary' }) } };

/** OpenAPI answers of stored bytes. */
export const binary = (description: string) => ({
  200: { description, headers: OF_FILES, content: bytes },
  206: { description: 'The wanted range.', headers: OF_RANGES, content: bytes },
  304: { description: 'Unchanged.', headers: OF_FILES },
});

const portraitFile = createRoute('get', '/v1/portraits/{id}/files/{name}', () => ({
  id: 'getFile',
  summary: 'A file or preview of a portrait; knows If-None-Match, Range and If-Range',
  request: { params: z.object({ id: portraitIdSchema(), name: z.string() }) },
  responses: {
    ...binary('The file.'),
    ...problemAnswers(
      'unauthorized',
      'insufficient_scope',
      'portrait_not_found',
      'file_not_found',
      'range_not_satisfiable',
      'rate_limited',
    ),
  },
}));

/** `/v1/portraits/{id}/files/{name}`. */
export function fileRoutes(): Routes {
  const routes = new Routes();
  routes.answer(portraitFile, async (c) => {
    const { id, name } = c.req.valid('param');
    const found = await findJob(c.env, id).file(viewerOf(c), name);
    if (!found) throw notFound(id);
    if (!found.file) throw new ProblemError('file_not_found', `The portrait ${id} has no file ${name}.`);
    return (await serveStored(c, id, found.file)) as never;
  });
  return routes;
}

/** Answers with a stored file of a portrait. @throws ProblemError range_not_satisfiable, file_not_found */
export async function serveStored(
  c: Context<AppEnv>,
  id: string,
  { name, artifact: { sha256, content_type }, run }: StoredFile,
): Promise<Response> {
  const request = { method: c.req.method, header: (header: string) => c.req.header(header) };
  const source = bucketSource(c.env.ARTIFACTS, run, sha256);
  const response = await serveArtifact(source, request, sha256, content_type);
  if (response) return response;
  // Lost by the bucket: the next equal portrait has it made again.
  await c.env.RUNS.getByName(run).verify();
  throw new ProblemError('file_not_found', `The file ${name} of ${id} is lost: make the portrait again.`);
}
