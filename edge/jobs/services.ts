import { release, reserve, settle } from '../accounts/index.ts';
import { ProblemError } from '../api/problem-error.ts';
import { artifactPath } from '../artifacts/paths.ts';
import { readModel, writeModel } from '../artifacts/store.ts';
import { signingSecret, type Env } from '../env.ts';
import { StageServer } from '../gpu/stage-server.ts';
import { reportPortrait } from '../observability/report.ts';
import { checkPicture, checksPictures, Takedowns } from '../safety/index.ts';
import { notify } from '../webhooks/index.ts';
import { cannedServices } from './canned.ts';
import { directoryOf } from './directory.ts';
import type { Services } from './effects.ts';
import type { Job } from './job.ts';
import { toPortrait } from './resource.ts';

/** The services of a job, over the worker's bindings. */
export function servicesFor(env: Env, job: Job, origin: string): Services {
  const live = liveServices(env, job, origin);
  if (job.owner.mode === 'live') return live;
  return cannedServices(live, job);
}

function liveServices(env: Env, job: Job, origin: string): Services {
  const directory = directoryOf(env, job.owner);
  return {
    stageServer: new StageServer({ url: env.GPU_URL, token: env.STAGE_SERVER_TOKEN }),
    models: {
      last: (profile) => readModel(env.ARTIFACTS, profile),
      saw: (model) =>
        writeModel(env.ARTIFACTS, { ...model, versions: model.versions as Record<string, number> }),
    },
    runs: {
      hold: (run, portrait) => env.RUNS.getByName(run).hold(run, portrait),
      record: (result) => env.RUNS.getByName(result.key).record(result),
      result: (run) => env.RUNS.getByName(run).result(),
      letGo: (run, portrait) => env.RUNS.getByName(run).letGo(portrait),
    },
    pool: {
      join: (stage, ticket) => env.POOLS.getByName(stage).join(stage, ticket),
      leave: (stage, id) => env.POOLS.getByName(stage).leave(stage, id),
    },
    ledger: {
      async reserve(owner, portrait, request) {
        try {
          return await reserve(env, owner, portrait, request);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          return { code: error.code, detail: error.message, headers: error.headers };
        }
      },
      settle: (charge, portrait) => settle(env, charge, portrait),
      release: (charge, portrait) => release(env, charge, portrait),
    },
    directory: {
      enter: (entry) => directory.enter(entry),
      remove: (id) => directory.remove(id),
    },
    safety: {
      request: ({ request }) => new Takedowns(env.ARTIFACTS).refuse(request),
      async picture({ id }, { key, outputs }) {
        const image = outputs['image'];
        if (!image || !checksPictures(env)) return null;
        const object = await env.ARTIFACTS.get(artifactPath(key, image.sha256));
        if (!object) {
          // Nothing is let pass unseen: the effect is tried again, and finds that the picture has to be made again.
          await env.RUNS.getByName(key).verify();
          throw new Error('the picture to be checked is lost');
        }
        return checkPicture(env, id, new Uint8Array(await object.arrayBuffer()));
      },
    },
    tell: (account, events) => notify(env, account, events),
    report: (ended) => reportPortrait(env, toPortrait(ended), ended.trace),
    origin: env.PUBLIC_URL ?? origin,
    secret: signingSecret(env),
    now: () => Date.now(),
  };
}
