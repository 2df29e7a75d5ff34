import type { Charge, Principal } from '../accounts/index.ts';
import {
  formatTraceparent,
  stageKey,
  stageParams,
  type Health,
  type Portrait,
  type PortraitError,
  type PortraitEvent,
  type PortraitRequest,
  type Stage,
  type StageResult,
} from '../../shared/index.ts';
import type { RunAnswer, StageServer } from '../gpu/stage-server.ts';
import { spanIds } from '../observability/trace.ts';
import type { Ticket } from '../pool/fair-queue.ts';
import { workOf } from './canned.ts';
import type { Entry } from './directory.ts';
import type { Effect, Job, JobEvent, Model, Refusal } from './job.ts';
import { isGone } from './phases.ts';
import { toPortrait } from './resource.ts';
import { inputsOf, startBody } from './start-body.ts';

/** What effects work with; each is one call that may be repeated. */
export interface Services {
  /** The stage server, as far as jobs use it. */
  stageServer: Pick<StageServer, 'health' | 'start' | 'ask' | 'release'>;
  /** The weights last seen loaded for a profile. */
  models: { last(profile: string): Promise<Model | null>; saw(model: Model): Promise<void> };
  /** Who keeps the artifacts of runs. `record` answers with the names of outputs that are not stored. */
  runs: {
    hold(run: string, portrait: string): Promise<StageResult | null>;
    record(result: StageResult): Promise<string[]>;
    result(run: string): Promise<StageResult | null>;
    letGo(run: string, portrait: string): Promise<void>;
  };
  /** The places of each stage. `join`: the number of jobs before this one, or null with a place. */
  pool: {
    join(stage: Stage, ticket: Ticket): Promise<number | null>;
    leave(stage: Stage, id: string): Promise<void>;
  };
  /** The ledger. `reserve` answers with why not, where the account does not cover it. */
  ledger: {
    reserve(owner: Principal, portrait: string, request: PortraitRequest): Promise<Charge | Refusal>;
    settle(charge: Charge, portrait: Portrait): Promise<void>;
    release(charge: Charge, portrait: string): Promise<void>;
  };
  /** The list of the account's portraits. */
  directory: { enter(entry: Entry): Promise<void>; remove(id: string): Promise<void> };
  /** What may be made. Each answers with why not, or null. */
  safety: {
    /** Of an equal request that was taken down. */
    request(job: Job): Promise<PortraitError | null>;
    /** Of the picture that the imagine stage chose. @throws where the check has to answer and does not. */
    picture(job: Job, result: StageResult): Promise<PortraitError | null>;
  };
  /** Tells an account's webhooks of events. */
  tell(account: string, events: readonly PortraitEvent[]): Promise<void>;
  /** Measures and traces of a job that is over. */
  report(job: Job): Promise<void>;
  /** Address under which the stage server reaches the worker. */
  origin: string;
  /** Signs artifact URLs and callback secrets. */
  secret: string;
  now(): number;
}

/** The model a health tells of; null while the server has none ready. */
export function modelOf(health: Health): Model | null {
  if (health.status !== 'READY' && health.status !== 'BUSY') return null;
  return { profile: health.profile, digest: health.digest, versions: health.stages };
}

/**
 * Does one effect and tells what came of it. One that the job no longer waits for is left undone.
 *
 * @throws where a service fails: the outbox keeps the effect and tries again.
 */
export async function perform(effect: Effect, job: Job, services: Services): Promise<JobEvent | null> {
  const { stageServer, models, runs, pool, ledger, directory, safety, now } = services;
  const { phase, owner } = job;
  switch (effect.type) {
    case 'reserve': {
      if (phase.name !== 'reserving') return null;
      const error = await safety.request(job);
      if (error) return { type: 'FORBIDDEN', at: now(), key: null, error };
      const answer = await ledger.reserve(owner, job.id, job.request);
      if ('code' in answer) return { type: 'REFUSED', at: now(), refusal: answer };
      return { type: 'RESERVED', at: now(), charge: answer };
    }
    case 'ask_health': {
      if (phase.name !== 'resolving') return null;
      const health = await stageServer.health();
      const loaded = health.status === 'UNREACHABLE' ? null : modelOf(health);
      if (loaded) await models.saw(loaded);
      // While it is away, what the weights it had last have made can be found all the same.
      const model = health.status === 'UNREACHABLE' ? await models.last(job.request.profile) : loaded;
      if (model) return { type: 'MODEL_READY', at: now(), model };
      return { type: 'UNAVAILABLE', at: now(), key: null, message: unreadyMessage(health) };
    }
    case 'key': {
      if (phase.name !== 'keying') return null;
      return { type: 'KEYED', at: now(), stage: effect.stage, key: await keyOf(job, effect.stage) };
    }
    case 'look_up': {
      if (phase.name !== 'looking_up' || phase.key !== effect.key) return null;
      const result = await runs.hold(effect.key, job.id);
      if (result) return (await forbidden(job, result, services)) ?? { type: 'CACHE_HIT', at: now(), result };
      return { type: 'CACHE_MISS', at: now(), key: effect.key };
    }
    case 'queue': {
      if (phase.name !== 'queueing' || job.slot !== effect.stage) return null;
      const { id, urgency, createdAt } = job;
      const ticket = { id, account: owner.account, urgency, joinedAt: createdAt };
      const ahead = await pool.join(effect.stage, ticket);
      if (ahead === null) return { type: 'SLOT_GRANTED', at: now(), stage: effect.stage };
      return { type: 'SLOT_QUEUED', at: now(), stage: effect.stage, ahead };
    }
    case 'dispatch': {
      // Left behind by a cancel or a callback in the meantime: starting it would only waste work.
      if (phase.name !== 'dispatching' || phase.key !== effect.key) return null;
      const body = await startBody(effect.stage, effect.key, job, services);
      const traceparent = formatTraceparent(await spanIds(job.id, job.trace, effect.stage));
      return toEvent(await stageServer.start(effect.key, { ...body, traceparent }), effect.key, now());
    }
    case 'ask':
      if (phase.name !== 'asking' || phase.key !== effect.key) return null;
      return toEvent(await stageServer.ask(effect.key), effect.key, now());
    case 'record': {
      if (phase.name !== 'recording' || phase.key !== effect.result.key) return null;
      const { key } = effect.result;
      const missing = await runs.record(effect.result);
      if (missing.length > 0) return { type: 'OUTPUTS_MISSING', at: now(), key, names: missing };
      return (await forbidden(job, effect.result, services)) ?? { type: 'RECORDED', at: now(), key };
    }
    case 'release': {
      const answer = await stageServer.release(effect.key, job.id);
      if (answer.kind === 'unavailable') throw new Error(answer.message);
      return null;
    }
    case 'leave_pool':
      // A place taken anew in the meantime is not given away.
      if (job.slot !== effect.stage) await pool.leave(effect.stage, job.id);
      return null;
    case 'settle':
      await ledger.settle(effect.charge, toPortrait(job));
      return null;
    case 'pay_back':
      await ledger.release(effect.charge, job.id);
      return null;
    case 'list': {
      if (isGone(job)) return null;
      const { id, createdAt, request } = job;
      await directory.enter({ id, createdAt, status: toPortrait(job).status, quality: request.quality });
      return null;
    }
    case 'unlist':
      await directory.remove(job.id);
      return null;
    case 'tell':
      await services.tell(owner.account, effect.events);
      return null;
    case 'report':
      await services.report(job);
      return null;
    case 'keep':
      // What was let go of in the meantime is not held again.
      if (!isGone(job) && job.holds.includes(effect.key)) await runs.hold(effect.key, job.id);
      return null;
    case 'let_go':
      await runs.letGo(effect.key, job.id);
      return null;
  }
}

/** The event of an imagined picture that is not allowed; null for any other result. */
async function forbidden(
  job: Job,
  result: StageResult,
  { safety, now }: Pick<Services, 'safety' | 'now'>,
): Promise<JobEvent | null> {
  const error = result.stage === 'imagine' ? await safety.picture(job, result) : null;
  return error && { type: 'FORBIDDEN', at: now(), key: result.key, error };
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
      return { type: 'HEARD', at, run: answer.run, answer: true };
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

function keyOf(job: Job, stage: Stage): Promise<string> {
  const inputs = Object.entries(inputsOf(job, stage)).map(([name, { sha256 }]) => [name, sha256]);
  return stageKey({
    stage,
    version: job.model!.versions[stage]!,
    model: job.model!.digest,
    params: stageParams(stage, workOf(job)),
    inputs: Object.fromEntries(inputs),
  });
}
