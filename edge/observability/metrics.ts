import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { seriesOf, type Sample } from './samples.ts';

/** The counters of the whole service. Workers come and go, so what they count is added up here. */
export class Metrics extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS counters (series TEXT PRIMARY KEY, value REAL NOT NULL)',
    );
  }

  /** Adds samples up. */
  async add(samples: readonly Sample[]): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      for (const sample of samples)
        this.ctx.storage.sql.exec(
          `INSERT INTO counters (series, value) VALUES (?, ?)
            ON CONFLICT (series) DO UPDATE SET value = value + excluded.value`,
          seriesOf(sample),
          sample.value,
        );
    });
  }

  /** Every counter by its series. */
  async read(): Promise<Map<string, number>> {
    const rows = this.ctx.storage.sql
      .exec<{ series: string; value: number }>('SELECT series, value FROM counters ORDER BY series')
      .toArray();
    return new Map(rows.map(({ series, value }) => [series, value]));
  }
}

/** Where all workers add up. */
export const metricsOf = (env: Env) => env.METRICS.getByName('all');

const FLUSH_MS = 2_000;
let buffered: Sample[] = [];
let flushedAt = 0;

/**
 * Counts samples of what happens often: held in this worker and added up every other second, not every time. Resolves
 * at once, but for the one that adds up.
 */
export async function count(env: Env, samples: readonly Sample[]): Promise<void> {
  buffered.push(...samples);
  const now = Date.now();
  if (now - flushedAt < FLUSH_MS) return;
  flushedAt = now;
  const sums = new Map<string, Sample>();
  for (const sample of buffered) {
    const series = seriesOf(sample);
    sums.set(series, { ...sample, value: (sums.get(series)?.value ?? 0) + sample.value });
  }
  buffered = [];
  await metricsOf(env).add([...sums.values()]);
}
