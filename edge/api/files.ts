import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { serveArtifact } from '../artifacts/serve.ts';
import { problemAnswers } from './answers.ts';
import type { AppEnv } from './app.ts';
import { findJob, portraitIdSchema } from './portrait-id.ts';
import { ProblemError } from './problem-error.ts';

const bytes = { '*/*': { schema: z.string().meta({ format: 'binary' }) } };

const portraitFile = createRoute({
  method: 'get',
  path: '/v1/portraits/{id}/files/{name}',
  summary: 'A file or preview of a portrait; knows If-None-Match, Range and If-Range',
  request: { params: z.object({ id: portraitIdSchema, name: z.string() }) },
  responses: {
    200: { description: 'The file.', content: bytes },
    206: { description: 'The wanted range.', content: bytes },
    304: { description: 'Unchanged.' },
    ...problemAnswers('portrait_not_found', 'file_not_found', 'range_not_satisfiable'),
  },
});

/** `/v1/portraits/{id}/files/{name}`. */
export function fileRoutes(): OpenAPIHono<AppEnv> {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(portraitFile, async (c) => {
    const { id, name } = c.req.valid('param');
    const found = await findJob(c.env, id).file(name);
    if (!found) throw new ProblemError('portrait_not_found', `There is no portrait ${id}.`);
    if (!found.file) throw new ProblemError('file_not_found', `The portrait ${id} has no file ${name}.`);
    const { sha256, content_type } = found.file;
    const request = { method: c.req.method, header: (header: string) => c.req.header(header) };
    return (await serveArtifact(c.env.ARTIFACTS, request, sha256, content_type)) as never;
  });
  return routes;
}
