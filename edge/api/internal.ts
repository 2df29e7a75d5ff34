import { Routes } from './route.ts';
import { runSchema, sha256Schema, SIGNATURE_HEADER, verifyCallback } from '../../shared/index.ts';
import { artifactPath } from '../artifacts/paths.ts';
import { bucketSource, serveArtifact } from '../artifacts/serve.ts';
import { callbackSecret, urlIsSigned } from '../artifacts/signed-url.ts';
import { signingSecret } from '../env.ts';
import { checkpointRoutes } from './checkpoints.ts';
import { findJob } from './portrait-id.ts';
import { ProblemError } from './problem-error.ts';

/** What stage servers use: artifacts by signed URL, and signed callbacks (docs/run-protocol.md). */
export function internalRoutes(): Routes {
  const routes = new Routes();
  routes.include(checkpointRoutes());

  routes.use('/internal/artifacts/:sha256', async (c, next) => {
    const sha256 = c.req.param('sha256');
    const method = c.req.method === 'PUT' ? 'PUT' : 'GET';
    if (!sha256Schema().safeParse(sha256).success)
      throw new ProblemError('artifact_not_found', `${sha256} is no SHA-256.`);
    if (!(await urlIsSigned(signingSecret(c.env), method, sha256, c.req.query(), Date.now())))
      throw new ProblemError('invalid_signature', 'The URL is not signed for this, or has expired.');
    await next();
  });

  routes.get('/internal/artifacts/:sha256', async (c) => {
    const request = { method: c.req.method, header: (header: string) => c.req.header(header) };
    const sha256 = c.req.param('sha256');
    const source = bucketSource(c.env.ARTIFACTS, c.req.query('run')!, sha256);
    const response = await serveArtifact(source, request, sha256, null);
    if (!response) throw new ProblemError('artifact_not_found', `There is no artifact ${sha256}.`);
    return response;
  });

  routes.put('/internal/artifacts/:sha256', async (c) => {
    const sha256 = c.req.param('sha256');
    const run = c.req.query('run')!;
    if (!c.req.header('content-length'))
      throw new ProblemError('length_required', 'An artifact is stored only with its length known.');
    const keeper = c.env.RUNS.getByName(run);
    const path = artifactPath(run, sha256);
    if (!(await keeper.isHeld())) {
      await c.req.raw.body?.cancel();
      throw nobodyWaits(run);
    }
    if (await c.env.ARTIFACTS.head(path)) {
      await c.req.raw.body?.cancel();
      return c.json({ sha256 }, 200);
    }
    try {
      const contentType = c.req.header('content-type') ?? 'application/octet-stream';
      // R2 checks the hash while it stores, and stores nothing where it differs.
      await c.env.ARTIFACTS.put(path, c.req.raw.body ?? '', { sha256, httpMetadata: { contentType } });
    } catch (error) {
      if (!/checksum|digest|sha-?256/i.test(String(error))) throw error;
      throw new ProblemError('artifact_mismatch', `The bytes are not those of ${sha256}.`);
    }
    if (!(await keeper.isHeld())) {
      // The last portrait let go while the bytes came: they must not stay behind.
      await c.env.ARTIFACTS.delete(path);
      throw nobodyWaits(run);
    }
    return c.json({ sha256 }, 201);
  });

  routes.post('/internal/callbacks/:id', async (c) => {
    const id = c.req.param('id');
    const stub = findJob(c.env, id);
    const body = await c.req.text();
    const secret = await callbackSecret(signingSecret(c.env), id);
    if (!(await verifyCallback(secret, c.req.header(SIGNATURE_HEADER), body, Date.now())))
      throw new ProblemError('invalid_signature', 'The callback is not signed for this portrait.');
    const run = runSchema().safeParse(JSON.parse(body));
    if (!run.success) throw new ProblemError('invalid_request', 'The callback is no run.');
    if (!(await stub.heard(run.data)))
      throw new ProblemError('portrait_not_found', `Nobody waits for runs of ${id} any more.`);
    return c.body(null, 204);
  });

  return routes;
}

const nobodyWaits = (run: string) => new ProblemError('nobody_waits', `No portrait keeps the run ${run}.`);
