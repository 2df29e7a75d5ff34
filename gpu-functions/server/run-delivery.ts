import type { Artifact } from '../../shared/index.ts';
import type { Log } from './log.ts';
import type { RunBook } from './run-book.ts';
import type { RunRecord } from './run-record.ts';
import type { RunStore } from './run-store.ts';
import { uploadBlob } from './transfer.ts';

const UPLOADS_AT_ONCE = 4;

/**
 * Uploads a run's outputs for every owner that does not have them yet, including owners that come meanwhile. An owner
 * that cannot be reached is given up where another can; it will miss its outputs and ask again.
 *
 * @throws RunFailure upload_failed where nobody can be reached.
 */
export async function deliverOutputs(
  key: string,
  book: RunBook,
  store: RunStore,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const upload = (url: string) =>
    uploadAll(url, Object.values(book.record(key).produced!), (sha256) => store.blob(key, sha256), signal);
  for (;;) {
    signal.throwIfAborted();
    const record = book.record(key);
    const waiting = record.owners.filter((owner) => !owner.delivered);
    if (waiting.length === 0) return;
    book.change(key, {
      status: 'running',
      progress: { ...record.run.progress, message: 'storing the results' },
    });
    const places = uploads(waiting);
    const results = await Promise.allSettled(places.map(upload));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure && results.every(({ status }) => status === 'rejected')) throw failure.reason;
    const reached = new Set(places.filter((_, i) => results[i]!.status === 'fulfilled').map(placeOf));
    const asked = new Set(waiting.map(({ owner }) => owner));
    const owners = book.record(key).owners.flatMap((one) => {
      if (!asked.has(one.owner)) return one;
      return reached.has(placeOf(one.upload)) ? { ...one, delivered: true } : [];
    });
    if (failure) log('warn', 'owner_given_up', { key, message: (failure.reason as Error).message });
    book.keep({ ...book.record(key), owners });
  }
}

/** Uploads artifacts, a few at a time; after a failure those under way are seen to their end, and no others begun. */
async function uploadAll(
  url: string,
  artifacts: readonly Artifact[],
  pathOf: (sha256: string) => string,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...artifacts];
  const results = await Promise.allSettled(
    Array.from({ length: UPLOADS_AT_ONCE }, async () => {
      try {
        for (let next = waiting.shift(); next; next = waiting.shift())
          await uploadBlob(url, pathOf(next.sha256), next, signal);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** One upload URL for each distinct place the owners want their outputs at. */
export function uploads(owners: RunRecord['owners']): string[] {
  return [...new Map(owners.map(({ upload }) => [placeOf(upload), upload])).values()];
}

/** Upload URLs of one place differ only in their signatures. */
export function placeOf(upload: string): string {
  return upload.split('?')[0]!;
}
