import { Routes } from './route.ts';
import { CHECKPOINT_DIGEST_HEADER, sha256Schema } from '../../shared/index.ts';
import { checkpointPath } from '../artifacts/paths.ts';
import { checkpointIsSigned } from '../artifacts/signed-url.ts';
import { signingSecret } from '../env.ts';
import { ProblemError } from './problem-error.ts';

/** What a stage server that has to stop leaves of a run, for the server that goes on with it (docs/run-protocol.md). */
export function checkpointRoutes(): Routes {
  const routes = new Routes();

  routes.use('/internal/checkpoints/:run', async (c, next) => {
    const run = c.req.param('run');
    if (!sha256Schema().safeParse(run).success)
      throw new ProblemError('artifact_not_found', `${run} is no run.`);
    if (!(await checkpointIsSigned(signingSecret(c.env), run, c.req.query(), Date.now())))
      throw new ProblemError('invalid_signature', 'The URL is not signed for this, or has expired.');
    await next();
  });

  routes.get('/internal/checkpoints/:run', async (c) => {
    const run = c.req.param('run');
    const object = await c.env.ARTIFACTS.get(checkpointPath(run));
    if (!object) throw new ProblemError('artifact_not_found', `There is no checkpoint of ${run}.`);
    const digest = object.customMetadata?.['sha256'] ?? '';
    return c.body(object.body, 200, {
      'content-type': 'application/octet-stream',
      'content-length': String(object.size),
      [CHECKPOINT_DIGEST_HEADER]: digest,
    });
  });

  routes.put('/internal/checkpoints/:run', async (c) => {
    const run = c.req.param('run');
    const sha256 = c.req.header(CHECKPOINT_DIGEST_HEADER);
    if (!c.req.header('content-length'))
      throw new ProblemError('length_required', 'A checkpoint is stored only with its length known.');
    const refusal = !sha256Schema().safeParse(sha256).success
      ? new ProblemError('artifact_mismatch', `${CHECKPOINT_DIGEST_HEADER} must be the SHA-256 of the bytes.`)
      : (await c.env.RUNS.getByName(run).isHeld())
        ? null
        : new ProblemError('nobody_waits', `No portrait keeps the run ${run}.`);
    if (refusal) {
      await c.req.raw.body?.cancel();
      throw refusal;
    }
    try {
      const options = { sha256: sha256!, customMetadata: { sha256: sha256! } };
      await c.env.ARTIFACTS.put(checkpointPath(run), c.req.raw.body ?? '', options);
    } catch (error) {
      if (!/checksum|digest|sha-?256/i.test(String(error))) throw error;
      throw new ProblemError('artifact_mismatch', `The bytes are not those of ${sha256}.`);
    }
    return c.body(null, 204);
  });

  return routes;
}
