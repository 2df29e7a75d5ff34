import { describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { wakeAt } from './phases.ts';
import { toPortrait } from './resource.ts';

/** A job at work as version 1 stored it. */
const first = {
  id: 'prt_000000000000000000000000',
  request: {
    prompt: 'an old man',
    negative_prompt: '',
    seed: 7,
    quality: 'draft',
    profile: 'mini',
    candidates: 4,
    outputs: ['front'],
  },
  createdAt: 1_000,
  finishedAt: null,
  phase: { name: 'running', key: 'k', leaseUntil: 2_000 },
  model: { profile: 'mini', digest: 'a', versions: {} },
  stageIndex: 1,
  stageStartedAt: 1_500,
  workingSince: 1_500,
  progress: null,
  reached: 0.4,
  note: null,
  troubleSince: null,
  backoffs: 0,
  failures: 1,
  finished: {},
  previews: {},
  warnings: [],
  error: null,
};
const read = (stored: object) => migrate(JSON.parse(JSON.stringify(stored)));

describe('a stored job', () => {
  it('of the first version that was at work begins anew', () => {
    const { job, effects } = read(first);
    expect(effects).toEqual([{ type: 'list' }, { type: 'ask_health' }]);
    expect(job).toMatchObject({ id: first.id, phase: { name: 'resolving' }, stageIndex: 0, holds: [] });
    expect(wakeAt(job)).toBe(1_000 + 24 * 3_600_000);
    expect(toPortrait(job)).toMatchObject({ status: 'queued', seed: 7, mode: 'live' });
  });

  it('of the first version that was over is removed: its files lie where nothing looks for them', () => {
    const { job, effects } = read({ ...first, phase: { name: 'succeeded' }, finishedAt: 3_000 });
    expect(job.phase.name).toBe('deleted');
    expect(effects).toEqual([{ type: 'unlist' }]);
  });

  it('of the present version is read as it is', () => {
    const { job } = read(first);
    expect(read(job)).toEqual({ job, effects: null });
  });

  it('of a version to come is refused', () => {
    expect(() => read({ ...first, version: 99 })).toThrow(/version 99/);
  });
});
