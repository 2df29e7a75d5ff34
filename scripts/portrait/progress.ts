import { STAGES, type Portrait, type Stage, type StageProgress } from '../../shared/index.ts';

const BAR = 24;

/** Seconds as people say them: "8.4 s", "1 min 05 s". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** One line for each of the five stages: bar, percentage, time taken or left, and what it does. */
export function stageLines(portrait: Portrait, columns: number): string[] {
  return STAGES.map((stage) => {
    const progress = portrait.progress.stages.find((one) => one.stage === stage);
    const line = `  ${stage.padEnd(8)} ${progress ? stageText(portrait, progress) : `not part of ${portrait.quality}`}`;
    return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
  });
}

function stageText(portrait: Portrait, { stage, status, fraction, eta_seconds }: StageProgress): string {
  const filled = Math.round(fraction * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  const percent = `${Math.floor(fraction * 100)} %`.padStart(5);
  const current = portrait.progress.stage === stage && portrait.finished_at === null;
  const message = current ? `  ${portrait.progress.message}` : '';
  switch (status) {
    case 'pending':
      return `${bar} ${percent}${message}`;
    case 'running':
      return `${bar} ${percent}  ${eta_seconds === null ? '' : `${duration(eta_seconds)} left`.padEnd(13)}${message}`;
    case 'done':
      return `${bar} ${percent}  ${timeOf(portrait, stage)}`;
  }
}

function timeOf(portrait: Portrait, stage: Stage): string {
  const timing = portrait.timings[stage];
  if (!timing) return '';
  return timing.cached ? 'from the cache' : duration(timing.seconds);
}

/** What is new since the last look, for a log without a terminal: one line each tenth of a stage, and each new wait. */
export function newLines(before: Portrait | undefined, now: Portrait): string[] {
  const lines = now.progress.stages.flatMap((stage) => {
    const old = before?.progress.stages.find((one) => one.stage === stage.stage);
    if (stage.status === 'done')
      return old?.status === 'done' ? [] : [`${stage.stage}: ${timeOf(now, stage.stage)}`];
    const tenth = Math.floor(stage.fraction * 10);
    if (stage.status !== 'running' || (old?.status === 'running' && tenth === Math.floor(old.fraction * 10)))
      return [];
    const left = stage.eta_seconds === null ? '' : `, ${duration(stage.eta_seconds)} left`;
    return [`${stage.stage}: ${tenth * 10} %${left} — ${now.progress.message}`];
  });
  const waits = now.progress.stages.every(({ status }) => status !== 'running') && now.finished_at === null;
  if (lines.length === 0 && waits && before && before.progress.message !== now.progress.message) {
    return [now.progress.message];
  }
  return lines;
}
