import { describe, expect, it } from 'vitest';
import {
  stageOutputs,
  stagesFor,
  type PortraitRequest,
  type Run,
  type RunStatus,
} from '../../shared/index.ts';
import type { Effect, Job, JobEvent, Model, Terms } from './job.ts';
import { LOCAL_PRINCIPAL } from '../accounts/principal.ts';
import { LEASE_MS, STAGE_DEADLINE_S } from './hearing.ts';
import { begin, beginFiltered, transition } from './machine.ts';
import { dueEvent, isGone, isOver, stageOf, wakeAt, type Step } from './phases.ts';
import { FAILURE_LIMIT, PATIENCE_MS, POLICIES } from './retries.ts';
import { SLOT_WAIT_MS } from './stage-steps.ts';
import { toPortrait } from './resource.ts';

const request: PortraitRequest = {
  prompt: 'an old man',
  negative_prompt: '',
  seed: 7,
  quality: 'draft',
  profile: 'mini',
  candidates: 4,
  outputs: ['front', 'glb'],
};
const model: Model = {
  profile: 'mini',
  digest: 'a',
  versions: { imagine: 1, invert: 1, distill: 1, refine: 1, render: 1 },
};
const HOUR_MS = 3_600_000;
const terms: Terms = {
  owner: LOCAL_PRINCIPAL,
  urgency: 3,
  deadlineMs: 24 * HOUR_MS,
  retentionMs: 720 * HOUR_MS,
  trace: null,
};
const { account, key: apiKey, mode } = LOCAL_PRINCIPAL;
const charge = { account, key: apiKey, mode, credits: 5 };
const start = () => begin(id, request, terms, 0).job;
const id = 'prt_000000000000000000000000';
const plan = stagesFor(request.quality);
const keyFor = (job: Job) => `key of ${stageOf(job)} by ${job.model?.digest}`;
const sha256 = 'c'.repeat(64);

function runOf(job: Job, status: RunStatus, more: Partial<Run> = {}): Run {
  const outputs = stageOutputs(stageOf(job), request.outputs).map((name) => [
    name,
    { sha256, size: 1, content_type: 'image/png' },
  ]);
  return {
    key: keyFor(job),
    stage: stageOf(job),
    status,
    progress: { fraction: 0.5, eta_s: 3, step: 1, steps: 2, message: 'step 1 of 2' },
    outputs: status === 'succeeded' ? Object.fromEntries(outputs) : {},
    warnings: [],
    error: null,
    metrics: {},
    ...more,
  };
}

const failure = (job: Job, code: NonNullable<Run['error']>['code'], retryable: boolean) =>
  runOf(job, 'failed', { error: { code, retryable, message: 'Out of luck.' } });

/** Every event that the world may bring to a job, some a second later, some after the patience. */
function possibleEvents(job: Job, now: number): JobEvent[] {
  const key = keyFor(job);
  const events = (at: number): JobEvent[] => [
    { type: 'RESERVED', at, charge },
    { type: 'REFUSED', at, refusal: { code: 'insufficient_credits', detail: 'No.', headers: {} } },
    { type: 'MODEL_READY', at, model },
    { type: 'MODEL_READY', at, model: { ...model, digest: 'b' } },
    { type: 'MODEL_READY', at, model: { ...model, profile: 'other' } },
    { type: 'CACHE_HIT', at, result: { ...runOf(job, 'succeeded'), stage: stageOf(job) } },
    { type: 'KEYED', at, stage: stageOf(job), key },
    { type: 'CACHE_MISS', at, key },
    { type: 'SLOT_GRANTED', at, stage: stageOf(job) },
    { type: 'SLOT_QUEUED', at, stage: stageOf(job), ahead: 2 },
    { type: 'SLOT_WAIT_ELAPSED', at },
    { type: 'HEARD', at, run: runOf(job, 'queued') },
    { type: 'HEARD', at, run: runOf(job, 'running') },
    { type: 'HEARD', at, run: runOf(job, 'succeeded') },
    { type: 'HEARD', at, run: runOf(job, 'succeeded', { outputs: {} }) },
    { type: 'HEARD', at, run: runOf(job, 'cancelled') },
    { type: 'HEARD', at, run: failure(job, 'worker_crashed', true) },
    { type: 'HEARD', at, run: failure(job, 'internal', false) },
    { type: 'HEARD', at, run: failure(job, 'deadline_exceeded', false) },
    { type: 'HEARD', at, run: failure(job, 'content_filtered', false) },
    { type: 'RUN_UNKNOWN', at, key },
    { type: 'SERVER_FULL', at, key, retryAfter: 2 },
    { type: 'MODEL_MISMATCH', at, key },
    { type: 'REJECTED', at, key, message: 'The key is wrong.' },
    { type: 'UNAVAILABLE', at, key, message: 'away' },
    { type: 'UNAVAILABLE', at, key: null, message: 'away' },
    { type: 'RECORDED', at, key },
    { type: 'OUTPUTS_MISSING', at, key, names: ['image'] },
    { type: 'LEASE_EXPIRED', at },
    { type: 'BACKOFF_ELAPSED', at },
    { type: 'DEADLINE_PASSED', at },
    { type: 'CANCEL', at },
    { type: 'HOLD', at, key: 'a view' },
    { type: 'DELETE', at },
  ];
  return [...events(now + 1_000), ...events(now + PATIENCE_MS + 1_000)];
}

/** What makes two states the same for the walk: times count only as whether patience has begun. */
const signature = (job: Job) =>
  JSON.stringify([
    job.phase.name,
    'resume' in job.phase && [job.phase.resume, job.phase.key],
    job.stageIndex,
    job.model?.digest,
    job.troubleSince !== null,
    job.workingSince !== null,
    Math.min(job.failuresInAll, 1),
    job.slot,
    job.charge !== null,
    Object.keys(job.finished),
    job.error?.code,
  ]);

/** Every state that can be reached, each with the step that led there. */
function walk(): { steps: { before: Job; event: JobEvent; step: Step }[]; states: Job[] } {
  const first = start();
  const seen = new Map([[signature(first), first]]);
  const steps: { before: Job; event: JobEvent; step: Step }[] = [];
  for (const job of seen.values()) {
    const now = Math.max(job.stageStartedAt, job.troubleSince ?? 0);
    for (const event of possibleEvents(job, now)) {
      const step = transition(job, event);
      steps.push({ before: job, event, step });
      if (!seen.has(signature(step.job))) seen.set(signature(step.job), step.job);
    }
  }
  return { steps, states: [...seen.values()] };
}

const { steps, states } = walk();
const active = states.filter((job) => !isOver(job));

/** The effect whose answer a phase waits for. */
const AWAITED: Partial<Record<Job['phase']['name'], Effect['type']>> = {
  reserving: 'reserve',
  keying: 'key',
  resolving: 'ask_health',
  looking_up: 'look_up',
  dispatching: 'dispatch',
  asking: 'ask',
  recording: 'record',
};

/** The answer of a world in which all goes well. */
function goodAnswer(job: Job): JobEvent {
  const at = Math.max(wakeAt(job) ?? 0, job.stageStartedAt) + 1;
  const key = keyFor(job);
  switch (job.phase.name) {
    case 'reserving':
      return { type: 'RESERVED', at, charge };
    case 'resolving':
      return { type: 'MODEL_READY', at, model: job.model ?? model };
    case 'keying':
      return { type: 'KEYED', at, stage: stageOf(job), key };
    case 'looking_up':
      return { type: 'CACHE_MISS', at, key };
    case 'queueing':
      return { type: 'SLOT_GRANTED', at, stage: stageOf(job) };
    case 'waiting':
      return { type: 'BACKOFF_ELAPSED', at };
    case 'recording':
      return { type: 'RECORDED', at, key };
    default:
      return { type: 'HEARD', at, run: runOf(job, 'succeeded') };
  }
}

describe('the job machine, over every state and event', () => {
  it('reaches every phase', () => {
    expect([...new Set(states.map(({ phase }) => phase.name))].toSorted()).toEqual([
      'asking',
      'cancelled',
      'deleted',
      'dispatching',
      'failed',
      'filtered',
      'keying',
      'looking_up',
      'queueing',
      'recording',
      'refused',
      'reserving',
      'resolving',
      'running',
      'succeeded',
      'waiting',
    ]);
    expect([...new Set(states.flatMap(({ error }) => error?.code ?? []))].toSorted()).toEqual([
      'content_filtered',
      'deadline_exceeded',
      'profile_not_served',
      'stage_failed',
      'stage_rejected',
      'stage_server_unavailable',
      'stage_timeout',
    ]);
  });

  it('never gets stuck: each phase waits for an effect in the outbox or for the alarm', () => {
    for (const { before, step } of steps) {
      if (step.job.phase === before.phase || isOver(step.job)) continue;
      const awaited = AWAITED[step.job.phase.name];
      if (awaited) expect(step.effects.map(({ type }) => type)).toContain(awaited);
      else expect(wakeAt(step.job)).not.toBe(null);
    }
  });

  it('goes on with every answer to what it asked the stage server', () => {
    for (const job of active.filter(({ phase }) => phase.name === 'dispatching' || phase.name === 'asking')) {
      const runs = [
        ...(['queued', 'running', 'succeeded', 'cancelled'] as const).map((status) => runOf(job, status)),
        failure(job, 'internal', true),
        failure(job, 'internal', false),
      ];
      for (const run of runs)
        expect(transition(job, { type: 'HEARD', at: 9, run, answer: true }).job.phase).not.toBe(job.phase);
    }
  });

  it('can always still succeed', () => {
    for (const start of active) {
      let job = start;
      for (let i = 0; i < 40 && !isOver(job); i++) job = transition(job, goodAnswer(job)).job;
      expect(job.phase.name, signature(start)).toBe('succeeded');
    }
  });

  it('can always be cancelled: run, place and price are given back, if it may have them', () => {
    for (const job of active) {
      const { job: after, effects } = transition(job, { type: 'CANCEL', at: 5 });
      expect(after.phase.name).toBe('cancelled');
      expect(after).toMatchObject({
        finishedAt: 5,
        expiresAt: 5 + terms.retentionMs,
        slot: null,
        charge: null,
      });
      const { phase } = job;
      const started =
        ['dispatching', 'running', 'asking'].includes(phase.name) ||
        (phase.name === 'waiting' && phase.resume !== 'resolving');
      const held = job.charge ?? (phase.name === 'reserving' ? { ...charge, credits: 0 } : null);
      expect(effects).toEqual([
        ...(started && 'key' in phase ? [{ type: 'release', key: phase.key }] : []),
        ...(job.slot ? [{ type: 'leave_pool', stage: job.slot }] : []),
        ...(held ? [{ type: 'pay_back', charge: held }] : []),
        { type: 'report' },
      ]);
    }
  });

  it('is over when it is over, but for its deletion and for what is made of it later', () => {
    for (const job of states.filter(isOver)) {
      if (!isGone(job)) expect(job.finishedAt).not.toBe(null);
      for (const event of possibleEvents(job, 0)) {
        const step = transition(job, event);
        if (!isGone(job) && event.type === 'DELETE') expect(step.job.phase.name).toBe('deleted');
        else if (!isGone(job) && event.type === 'HOLD') expect(step.job.phase).toBe(job.phase);
        else expect(step).toEqual({ job, effects: [] });
      }
    }
  });

  it('can always be deleted, and lets go of everything it held', () => {
    for (const job of states.filter((one) => !isGone(one))) {
      const { job: after, effects } = transition(job, { type: 'DELETE', at: 5 });
      expect(after).toMatchObject({ phase: { name: 'deleted' }, holds: [] });
      const types = effects.map(({ type }) => type);
      expect(types).toContain('unlist');
      expect(types.includes('pay_back')).toBe(job.charge !== null || job.phase.name === 'reserving');
      expect(effects.filter(({ type }) => type === 'let_go')).toEqual(
        job.holds.map((key) => ({ type: 'let_go', key })),
      );
    }
  });

  it('holds a run before it looks it up, and every run whose artifacts it shows', () => {
    for (const job of states.filter((one) => !isGone(one))) {
      if ('key' in job.phase && job.phase.key !== null) expect(job.holds).toContain(job.phase.key);
      for (const { result } of Object.values(job.finished)) expect(job.holds).toContain(result.key);
      for (const preview of Object.values(job.previews).flat()) expect(job.holds).toContain(preview.run);
    }
  });

  it('has a place in at most one pool, and none when it is over', () => {
    const wrong = steps.filter(({ before, step: { job, effects } }) => {
      const left = effects.flatMap((effect) => (effect.type === 'leave_pool' ? [effect.stage] : []));
      const keepsWhenOver = isOver(job) && !isGone(job) && job.slot !== null;
      const forgets = before.slot && before.slot !== job.slot && !left.includes(before.slot);
      const leavesWhatItHas = job.slot && left.includes(job.slot);
      return keepsWhenOver || forgets || leavesWhatItHas;
    });
    expect(wrong).toEqual([]);
  });

  it('settles or pays back exactly once what was put aside', () => {
    const wrong = steps.filter(({ before, step }) => {
      const ends = step.effects.filter(({ type }) => type === 'settle' || type === 'pay_back');
      const open = before.charge !== null || before.phase.name === 'reserving';
      const wasRefused = step.job.phase.name === 'refused';
      if (isOver(before) || !isOver(step.job) || !open || wasRefused) return ends.length > 0;
      const right = step.job.phase.name === 'succeeded' ? 'settle' : 'pay_back';
      return ends.length !== 1 || ends[0]!.type !== right;
    });
    expect(wrong).toEqual([]);
  });

  it('takes no notice of answers about another run', () => {
    for (const job of active)
      for (const event of possibleEvents(job, 0)) {
        if (!('key' in event) && event.type !== 'HEARD') continue;
        const stale =
          event.type === 'HEARD'
            ? { ...event, run: { ...event.run, key: 'an older run' } }
            : { ...event, key: 'an older run' };
        if (event.type === 'KEYED' || event.type === 'HOLD') continue;
        expect(transition(job, stale)).toEqual({ job, effects: [] });
      }
  });

  it('does the stages in order, each once', () => {
    for (const job of states)
      expect(Object.keys(job.finished).toSorted()).toEqual(plan.slice(0, job.stageIndex).toSorted());
    for (const { before, step } of steps)
      if (step.job.stageIndex > before.stageIndex) expect(step.job.stageIndex).toBe(before.stageIndex + 1);
  });

  it('reports exactly when it ends', () => {
    const wrong = steps.filter(({ before, step }) => {
      const ends = !isOver(before) && isOver(step.job) && step.job.phase.name !== 'refused';
      return step.effects.some(({ type }) => type === 'report') !== ends;
    });
    expect(wrong).toEqual([]);
  });

  it('gives up only with a reason and what to do', () => {
    for (const job of states)
      if (job.phase.name === 'failed' || job.phase.name === 'filtered') {
        expect(job.error!.message).toMatch(/\.$/);
        expect(job.error!.action).toMatch(/\.$/);
      }
  });

  it('never loses patience before its time', () => {
    for (const { before, event, step } of steps)
      if (!isOver(before) && step.job.error?.code === 'stage_server_unavailable')
        expect(event.at - before.troubleSince!).toBeGreaterThan(PATIENCE_MS);
  });

  it('is plain data: a state read back from storage goes on the same', () => {
    for (const job of states) expect(JSON.parse(JSON.stringify(job))).toEqual(job);
  });

  it('always has a public resource', () => {
    for (const job of states) {
      const { progress, status } = toPortrait(job);
      expect(progress.fraction).toBeGreaterThanOrEqual(0);
      expect(progress.fraction).toBeLessThanOrEqual(1);
      expect(progress.message).not.toBe('');
      if (isOver(job) && !isGone(job)) expect(status).toBe(job.phase.name);
    }
  });
});

const hear = (job: Job, at: number, run: Partial<Run> = {}) =>
  transition(job, { type: 'HEARD', at, run: runOf(job, 'running', run) }).job;

const away = (job: Job, at: number) => {
  const asking = transition(job, { type: 'LEASE_EXPIRED', at }).job;
  return transition(asking, { type: 'UNAVAILABLE', at, key: keyFor(job), message: 'Away.' }).job;
};

const crash = (job: Job, at: number, code: NonNullable<Run['error']>['code'] = 'worker_crashed') =>
  transition(job, { type: 'HEARD', at, run: failure(job, code, true) }).job;
const again = (job: Job, at: number) => transition(job, { type: 'BACKOFF_ELAPSED', at }).job;

describe('the job machine', () => {
  const running = active.find(({ phase }) => phase.name === 'running')!;

  it('holds the lease as long as it hears of the run, then asks', () => {
    const heard = hear(running, 10_000);
    expect(wakeAt(heard)).toBe(10_000 + LEASE_MS);
    expect(dueEvent(heard, 10_000 + LEASE_MS - 1)).toBe(null);
    const due = dueEvent(heard, 10_000 + LEASE_MS)!;
    expect(due.type).toBe('LEASE_EXPIRED');
    expect(transition(heard, due).effects).toEqual([{ type: 'ask', key: keyFor(heard) }]);
  });

  it('starts a run again that the stage server has lost', () => {
    const asking = transition(running, { type: 'LEASE_EXPIRED', at: 1 }).job;
    const { job, effects } = transition(asking, { type: 'RUN_UNKNOWN', at: 2, key: keyFor(asking) });
    expect(job.phase.name).toBe('dispatching');
    expect(effects).toEqual([{ type: 'dispatch', stage: stageOf(job), key: keyFor(job) }]);
  });

  it('backs off longer each time, up to ten seconds, with jitter', () => {
    let job = transition(start(), { type: 'RESERVED', at: 0, charge }).job;
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      job = transition(job, { type: 'UNAVAILABLE', at: 0, key: null, message: 'Away.' }).job;
      waits.push(wakeAt(job)!);
      job = transition(job, { type: 'BACKOFF_ELAPSED', at: 0 }).job;
    }
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000].forEach((whole, i) => {
      expect(waits[i]).toBeGreaterThanOrEqual(whole / 2);
      expect(waits[i]).toBeLessThanOrEqual(whole);
    });
    expect(new Set(waits.map((wait, i) => wait / Math.min(500 * 2 ** i, 10_000))).size).toBe(waits.length);
  });

  it('bears trouble by time, and the time begins anew once the work goes forward', () => {
    const start = hear(running, 0, { progress: { ...running.progress!, fraction: 0.5 } });
    const once = hear(away(start, 1_000), 2_000);
    expect(once.troubleSince).toBe(1_000);
    expect(away(once, 1_001 + PATIENCE_MS).error?.code).toBe('stage_server_unavailable');
    const forward = hear(away(start, 1_000), 2_000, { progress: { ...running.progress!, fraction: 0.6 } });
    expect(forward.troubleSince).toBe(null);
    expect(away(forward, 1_001 + PATIENCE_MS).error).toBe(null);
  });

  it('waits for a free place without limit', () => {
    let job = active.find(({ phase }) => phase.name === 'dispatching')!;
    for (let at = 0; at < 4 * PATIENCE_MS; at += 60_000) {
      job = transition(job, { type: 'SERVER_FULL', at, key: keyFor(job), retryAfter: 1000 }).job;
      expect(wakeAt(job)).toBe(at + 60_000);
      job = transition(job, { type: 'BACKOFF_ELAPSED', at: at + 60_000 }).job;
    }
    expect(job.phase.name).toBe('dispatching');
  });

  it.each(['worker_crashed', 'out_of_memory', 'internal', 'upload_failed'] as const)(
    'gives a stage up that fails of %s as often as its policy bears, even though it may be tried again',
    (code) => {
      let job = hear(running, 0);
      for (let i = 1; i <= POLICIES[code].limit; i++) {
        expect(job.phase.name).toBe('running');
        job = hear(again(crash(job, i, code), i), i);
      }
      expect(job).toMatchObject({ phase: { name: 'failed' }, error: { code: 'stage_failed' } });
    },
  );

  it('takes failures with progress in between for different ones, up to a limit for the whole job', () => {
    let job = running;
    for (let i = 1; i < FAILURE_LIMIT; i++) {
      job = hear(job, i, { progress: { ...running.progress!, fraction: 0.5 + i / 100 } });
      job = again(crash(job, i), i);
      expect(job.phase.name).toBe('dispatching');
    }
    job = hear(job, 99, { progress: { ...running.progress!, fraction: 0.9 } });
    expect(crash(job, 99).phase.name).toBe('failed');
  });

  it('asks for its place again, and is told how many come first', () => {
    const queueing = active.find(({ phase }) => phase.name === 'queueing')!;
    const told = transition(queueing, { type: 'SLOT_QUEUED', at: 1, stage: stageOf(queueing), ahead: 4 });
    expect(toPortrait(told.job).progress.message).toMatch(/4 before/);
    const due = dueEvent(told.job, wakeAt(told.job)!)!;
    expect(due.type).toBe('SLOT_WAIT_ELAPSED');
    const asked = transition(told.job, due);
    expect(asked.effects).toEqual([{ type: 'queue', stage: stageOf(queueing) }]);
    expect(wakeAt(asked.job)).toBe(due.at + SLOT_WAIT_MS);
  });

  it('fails when its deadline passes, whatever it waits for', () => {
    for (const job of active) {
      const due = dueEvent(job, job.createdAt + terms.deadlineMs + 1)!;
      const step =
        job.phase.name === 'running' || job.phase.name === 'waiting' || job.phase.name === 'queueing'
          ? transition(job, { type: 'DEADLINE_PASSED', at: due.at })
          : transition(job, due);
      expect(step.job.error?.code).toBe('deadline_exceeded');
    }
  });

  it('is deleted when it expires', () => {
    const cancelled = transition(running, { type: 'CANCEL', at: 7 }).job;
    expect(wakeAt(cancelled)).toBe(7 + terms.retentionMs);
    expect(dueEvent(cancelled, 6 + terms.retentionMs)).toBe(null);
    const due = dueEvent(cancelled, 7 + terms.retentionMs)!;
    expect(transition(cancelled, due).job.phase.name).toBe('deleted');
    expect(wakeAt(transition(cancelled, due).job)).toBe(null);
  });

  it('stops a stage that takes longer than its deadline, and releases the run', () => {
    const start = hear(running, 0);
    const late = start.workingSince! + (STAGE_DEADLINE_S + 61) * 1000;
    const { job, effects } = transition(start, { type: 'HEARD', at: late, run: runOf(start, 'running') });
    expect(job.error?.code).toBe('stage_timeout');
    expect(effects).toContainEqual({ type: 'release', key: keyFor(start) });
  });

  it('begins anew under other weights, and goes on under the same', () => {
    const second = active.find(({ phase, stageIndex }) => phase.name === 'dispatching' && stageIndex === 1)!;
    const resolving = [1, 2].reduce(
      (job) =>
        job.phase.name === 'waiting'
          ? transition(job, { type: 'BACKOFF_ELAPSED', at: 9 }).job
          : transition(job, { type: 'MODEL_MISMATCH', at: 1, key: keyFor(job) }).job,
      second,
    );
    const ready = (digest: string) =>
      transition(resolving, { type: 'MODEL_READY', at: 9, model: { ...model, digest } });
    expect(ready(second.model!.digest).effects).toEqual([{ type: 'key', stage: 'invert' }]);
    expect(ready('quite other').effects).toEqual([
      { type: 'leave_pool', stage: 'invert' },
      { type: 'key', stage: 'imagine' },
    ]);
  });

  it('never moves the bar back when a run resumes from its checkpoint', () => {
    const far = hear(running, 1, { progress: { ...running.progress!, fraction: 0.9 } });
    const back = hear(far, 2, { progress: { ...running.progress!, fraction: 0.3 } });
    expect(toPortrait(back).progress.fraction).toBe(toPortrait(far).progress.fraction);
  });

  it('is born filtered when its prompt is not allowed, and nothing is put aside', () => {
    const error = {
      code: 'content_filtered',
      stage: null,
      message: 'No.',
      action: 'Ask otherwise.',
    } as const;
    const { job, effects } = beginFiltered(id, request, terms, error, 5);
    expect(effects).toEqual([{ type: 'report' }]);
    expect(toPortrait(job)).toMatchObject({ status: 'filtered', error, progress: { message: 'No.' } });
  });
});
