import { describe, expect, it } from 'vitest';
import type { Effect, Job, JobEvent } from './job.ts';
import { transition } from './machine.ts';
import { isGone, isOver, stageOf, wakeAt } from './phases.ts';
import { PATIENCE_MS } from './retries.ts';
import { toPortrait } from './resource.ts';
import {
  charge,
  failure,
  keyFor,
  model,
  plan,
  possibleEvents,
  runOf,
  signature,
  terms,
  walk,
} from './testing/job-walk.ts';

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
