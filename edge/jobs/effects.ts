import {
  digestOf,
  STAGE_INPUTS,
  stageKey,
  stageParams,
  stagesFor,
  type Artifact,
  type Health,
  type PortraitRequest,
  type Stage,
  type StartRun,
} from '../../shared/index.ts';
import { callbackSecret, signedGet, signedPutTemplate } from '../artifacts/signed-url.ts';
import { missingOutputs, readStage, writeModel, writePortrait, writeStage } from '../artifacts/store.ts';
import type { RunAnswer, StageServer } from '../gpu/stage-server.ts';
import type { Effect, Job, JobEvent, Model } from './job.ts';
import { DEADLINE_S } from './machine.ts';

/** What effects work with. */
export interface Services {
  bucket: R2Bucket;
  stageServer: StageServer;
  /** Address under which the stage server reaches the worker. */
  origin: string;
  secret: string;
  now(): number;
}

/** Signed URLs outlive the stage's deadline by this. */
const URL_MARGIN_S = 600;

/** The model a health tells of; null while the server has none ready. */
export function modelOf(health: Health): Model | null {
  if (health.status !== 'READY' && health.status !== 'BUSY') return null;
  return { profile: health.profile, digest: health.digest, versions: health.stages };
}

/** Digest of everything a portrait's result is a function of: the name of the finished portrait. */
export function portraitDigest(request: PortraitRequest, model: Model): Promise<string> {
  const versions = stagesFor(request.quality).map((stage) => model.versions[stage] ?? 0);
  return digestOf({ request, model: model.digest, versions });
}

/**
 * Does one effect and tells what came of it.
 *
 * @throws where R2 fails, or a release gets no answer: the outbox keeps the effect and tries again.
 */
export async function perform(effect: Effect, job: Job, services: Services): Promise<JobEvent | null> {
  const { bucket, stageServer, now } = services;
  switch (effect.type) {
    case 'ask_health': {
      const health = await stageServer.health();
      const model = health.status === 'UNREACHABLE' ? null : modelOf(health);
      if (!model) return { type: 'UNAVAILABLE', at: now(), key: null, message: unreadyMessage(health) };
      await writeModel(bucket, model as Model & { versions: Record<string, number> });
      return { type: 'MODEL_READY', at: now(), model };
    }
    case 'look_up': {
      const key = await keyOf(job, effect.stage);
      const result = await readStage(bucket, key);
      if (result) return { type: 'CACHE_HIT', at: now(), result };
      return { type: 'CACHE_MISS', at: now(), stage: effect.stage, key };
    }
    case 'dispatch': {
      // Left behind by a cancel or a callback in the meantime: starting it would only waste work.
      if (job.phase.name !== 'dispatching' || job.phase.key !== effect.key) return null;
      const answer = await stageServer.start(
        effect.key,
        await startBody(effect.stage, effect.key, job, services),
      );
      return toEvent(answer, effect.key, now());
    }
    case 'ask':
      return toEvent(await stageServer.ask(effect.key), effect.key, now());
    case 'record': {
      const missing = await missingOutputs(bucket, effect.result);
      if (missing.length > 0)
        return { type: 'OUTPUTS_MISSING', at: now(), key: effect.result.key, names: missing };
      await writeStage(bucket, effect.result);
      return { type: 'RECORDED', at: now(), key: effect.result.key };
    }
    case 'release': {
      const answer = await stageServer.release(effect.key, job.id);
      if (answer.kind === 'unavailable') throw new Error(answer.message);
      return null;
    }
    case 'publish': {
      if (!job.model) return null;
      const keys = stagesFor(job.request.quality).map((stage) => job.finished[stage]!.result.key);
      await writePortrait(bucket, await portraitDigest(job.request, job.model), keys);
      return null;
    }
  }
}

function unreadyMessage(health: Awaited<ReturnType<StageServer['health']>>): string {
  if (health.status === 'STARTING') return 'The stage server is starting: waiting for its weights.';
  if (health.status === 'SETUP_FAILED')
    return `The stage server could not start: ${health.message ?? 'see its log'}`;
  return health.message ?? 'The stage server is not ready.';
}

function toEvent(answer: RunAnswer, key: string, at: number): JobEvent {
  switch (answer.kind) {
    case 'run':
      return { type: 'HEARD', at, run: answer.run };
    case 'unknown':
      return { type: 'RUN_UNKNOWN', at, key };
    case 'full':
      return { type: 'SERVER_FULL', at, key, retryAfter: answer.retryAfter };
    case 'model_mismatch':
      return { type: 'MODEL_MISMATCH', at, key };
    case 'rejected':
      return { type: 'REJECTED', at, key, message: answer.message };
    case 'unavailable':
      return { type: 'UNAVAILABLE', at, key, message: answer.message };
  }
}

/** The input artifacts of a stage: of each name the newest that an earlier stage made. */
function inputsOf(job: Job, stage: Stage): Record<string, Artifact> {
  const plan = stagesFor(job.request.quality);
  const earlier = plan.slice(0, plan.indexOf(stage)).toReversed();
  return Object.fromEntries(
    STAGE_INPUTS[stage].map((name) => {
      const maker = earlier.find((before) => job.finished[before]?.result.outputs[name]);
      if (!maker) throw new Error(`no stage before ${stage} made ${name}`);
      return [name, job.finished[maker]!.result.outputs[name]!];
    }),
  );
}

function keyOf(job: Job, stage: Stage): Promise<string> {
  const inputs = Object.entries(inputsOf(job, stage)).map(([name, { sha256 }]) => [name, sha256]);
  return stageKey({
    stage,
    version: job.model!.versions[stage]!,
    model: job.model!.digest,
    params: stageParams(stage, job.request),
    inputs: Object.fromEntries(inputs),
  });
}

async function startBody(stage: Stage, key: string, job: Job, services: Services): Promise<StartRun> {
  const { origin, secret, now } = services;
  const exp = Math.ceil(now() / 1000) + DEADLINE_S + URL_MARGIN_S;
  const inputs = await Promise.all(
    Object.entries(inputsOf(job, stage)).map(async ([name, { sha256 }]) => [
      name,
      { sha256, url: await signedGet(origin, secret, sha256, exp) },
    ]),
  );
  return {
    stage,
    version: job.model!.versions[stage]!,
    model: { profile: job.model!.profile, digest: job.model!.digest },
    params: { ...stageParams(stage, job.request) },
    inputs: Object.fromEntries(inputs),
    upload: { url_template: await signedPutTemplate(origin, secret, key, exp) },
    callback: { url: `${origin}/internal/callbacks/${job.id}`, secret: await callbackSecret(secret, job.id) },
    owner: job.id,
    deadline_s: DEADLINE_S,
  };
}
