import { describe, expect, it } from 'vitest';
import type { Run } from '../../shared/index.ts';
import type { Job } from './job.ts';
import { LEASE_MS, STAGE_DEADLINE_S } from './hearing.ts';
import { beginFiltered, transition } from './machine.ts';
import { dueEvent, isOver, stageOf, wakeAt } from './phases.ts';
import { FAILURE_LIMIT, PATIENCE_MS, POLICIES } from './retries.ts';
import { SLOT_WAIT_MS } from './stage-steps.ts';
import { toPortrait } from './resource.ts';
import {
  charge,
  failure,
  id,
  keyFor,
  model,
  request,
  runOf,
  start,
  terms,
  walk,
} from './testing/job-walk.ts';

const active = walk().states.filter((job) => !isOver(job));

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
