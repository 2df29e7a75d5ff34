import { describe, expect, it } from 'vitest';
import { gpuFunctions, STAGES } from '../shared/index.ts';
import {
  deadlineMs,
  failedAttempts,
  retentionMs,
  stageCost,
  stageLimit,
  TEST_RETENTION_MS,
} from './settings.ts';

const DAY_MS = 24 * 3_600_000;

describe('places at a stage', () => {
  it('are as many as there are containers of it on the GPU side', () => {
    for (const stage of STAGES)
      expect(stageLimit({ STAGE_LIMITS: undefined }, stage)).toBe(gpuFunctions()[stage].max_containers);
  });

  it('are those of STAGE_LIMITS, where it names the stage', () => {
    const env = { STAGE_LIMITS: 'imagine=4, distill=2' };
    expect([stageLimit(env, 'imagine'), stageLimit(env, 'distill')]).toEqual([4, 2]);
    expect(stageLimit(env, 'render')).toBe(gpuFunctions().render.max_containers);
  });

  it.each(['imagine', 'imagine=0', 'imagine=1.5', 'paint=3', 'imagine=-1'])('are not "%s"', (text) => {
    expect(() => stageLimit({ STAGE_LIMITS: text }, 'imagine')).toThrow('STAGE_LIMITS');
  });
});

describe('settings', () => {
  it('have usual values', () => {
    expect(retentionMs({ RETENTION_DAYS: undefined }, 'live')).toBe(30 * DAY_MS);
    expect(deadlineMs({ DEADLINE_HOURS: undefined })).toBe(DAY_MS);
    expect(failedAttempts({ FAILED_ATTEMPTS_PER_MINUTE: '' })).toBe(30);
    expect(stageCost({ STAGE_COSTS: undefined }, 'distill')).toBe(0);
  });

  it('are read', () => {
    expect(retentionMs({ RETENTION_DAYS: '7' }, 'live')).toBe(7 * DAY_MS);
    expect(deadlineMs({ DEADLINE_HOURS: '0.5' })).toBe(DAY_MS / 48);
    expect(stageCost({ STAGE_COSTS: 'distill=0.0006' }, 'distill')).toBe(0.0006);
  });

  it('keep test portraits for a day, whatever they say', () => {
    expect(retentionMs({ RETENTION_DAYS: '7' }, 'test')).toBe(TEST_RETENTION_MS);
  });

  it.each(['0', '-1', 'a week'])('are refused aloud: %s', (text) => {
    expect(() => retentionMs({ RETENTION_DAYS: text }, 'live')).toThrow('write a number above 0');
  });
});
