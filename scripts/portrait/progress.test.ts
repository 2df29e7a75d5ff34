import { describe, expect, test } from 'vitest';
import { stagesFor, type Portrait, type Stage, type StageProgress } from '../../shared/index.ts';
import { duration, newLines, stageLines } from './progress.ts';

function portrait(
  at: Stage,
  fraction: number,
  eta_seconds: number | null,
  quality: 'draft' | 'standard' = 'standard',
) {
  const plan: readonly Stage[] = stagesFor(quality);
  const stages = plan.map((stage): StageProgress => {
    if (plan.indexOf(stage) < plan.indexOf(at)) return { stage, status: 'done', fraction: 1, eta_seconds: 0 };
    if (stage === at) return { stage, status: 'running', fraction, eta_seconds };
    return { stage, status: 'pending', fraction: 0, eta_seconds: null };
  });
  const timing = { started_at: '2026-01-01T00:00:00Z', seconds: 75, cached: false, metrics: {} };
  return {
    quality,
    progress: { stage: at, fraction: 0.5, message: 'projection step 5 of 20', stages },
    timings: { imagine: { ...timing, cached: true, seconds: 0 }, invert: timing },
    finished_at: null,
  } as unknown as Portrait;
}

test('duration', () => {
  expect([0.04, 8.44, 9.96, 59.4, 59.6, 65, 600].map(duration)).toEqual([
    '0.0 s',
    '8.4 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '1 min 05 s',
    '10 min 00 s',
  ]);
});

describe('stageLines', () => {
  test('has a line a stage, with time taken, time left, and what is done now', () => {
    const [imagine, invert, distill, refine, render] = stageLines(portrait('distill', 0.25, 62), 120);
    expect(imagine).toMatch(/imagine +█{24} 100 % +from the cache/);
    expect(invert).toMatch(/invert +█{24} 100 % +1 min 15 s/);
    expect(distill).toMatch(/distill +█{6}░{18} +25 % +1 min 02 s left +projection step 5 of 20/);
    expect(refine).toMatch(/refine +░{24} +0 %$/);
    expect(render).toMatch(/render/);
  });

  test('says which stages a draft leaves out, and fits the terminal', () => {
    const lines = stageLines(portrait('invert', 0.5, null, 'draft'), 40);
    expect(lines[2]).toContain('not part of draft');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
  });
});

describe('newLines', () => {
  test('tells each tenth once, and the time of a finished stage', () => {
    const first = portrait('invert', 0.31, 20);
    expect(newLines(undefined, first)).toEqual([
      'imagine: from the cache',
      'invert: 30 %, 20 s left — projection step 5 of 20',
    ]);
    expect(newLines(first, portrait('invert', 0.39, 18))).toEqual([]);
    expect(newLines(first, portrait('invert', 0.4, 18))).toEqual([
      'invert: 40 %, 18 s left — projection step 5 of 20',
    ]);
    expect(newLines(first, portrait('distill', 0, null))[0]).toBe('invert: 1 min 15 s');
  });
});
