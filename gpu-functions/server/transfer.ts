import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKPOINT_DIGEST_HEADER, type Artifact } from '../../shared/index.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { RunFailure } from './run-error.ts';

/** Pauses between tries, in milliseconds: short, because the edge asks again by itself with fresh URLs. */
const PAUSES_MS = [200, 1_000, 3_000];

/** Longest one transfer may take. */
const TIMEOUT_MS = 120_000;

/**
 * Fetches an input artifact into a file and checks its digest. A file that is there already and hashes right is kept.
 *
 * @param urls where it can be had; all are tried.
 * @throws RunFailure `input_unavailable`
 */
export async function fetchInput(
  urls: string[],
  sha256: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await digestOfFile(path)) === sha256) return;
  await attempt(
    urls,
    signal,
    'input_unavailable',
    `input ${sha256} could not be fetched`,
    async (url, timed) => {
      const response = await fetch(url, { signal: timed });
      if (!response.ok) {
        await response.body?.cancel();
        throw new HttpError(response.status);
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new Error('its bytes have another digest');
      writeFileAtomically(path, bytes);
    },
  );
}

/**
 * Uploads a blob to `template` with `{sha256}` replaced.
 *
 * @throws RunFailure `upload_failed`
 */
export async function uploadBlob(
  template: string,
  path: string,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<void> {
  const { sha256, content_type } = artifact;
  const url = template.replaceAll('{sha256}', sha256);
  await attempt(
    [url],
    signal,
    'upload_failed',
    `output ${sha256} could not be uploaded`,
    async (url, timed) => {
      const body = await readFile(path);
      // fetch sets Content-Length from the buffer.
      const response = await fetch(url, {
        method: 'PUT',
        body,
        headers: { 'content-type': content_type },
        signal: timed,
      });
      await response.body?.cancel();
      if (!response.ok) throw new HttpError(response.status);
    },
  );
}

/** Longest that leaving a checkpoint behind may take: whoever stops a server does not wait long. */
const CHECKPOINT_MS = 20_000;

/**
 * Fetches a checkpoint into a file.
 *
 * @returns its size in bytes; null where there is none.
 */
export async function fetchCheckpoint(
  url: string,
  path: string,
  signal: AbortSignal,
): Promise<number | null> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  if (response.status === 200) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== response.headers.get(CHECKPOINT_DIGEST_HEADER))
      throw new Error('its bytes have another digest');
    writeFileAtomically(path, bytes);
    return bytes.length;
  }
  await response.body?.cancel();
  if (response.status === 404) return null;
  throw new HttpError(response.status);
}

/** Uploads the checkpoint in a file, with its digest. @returns its size in bytes. */
export async function uploadCheckpoint(url: string, path: string): Promise<number> {
  const body = await readFile(path);
  const response = await fetch(url, {
    method: 'PUT',
    body,
    headers: {
      'content-type': 'application/octet-stream',
      [CHECKPOINT_DIGEST_HEADER]: createHash('sha256').update(body).digest('hex'),
    },
    signal: AbortSignal.timeout(CHECKPOINT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new HttpError(response.status);
  return body.length;
}

class HttpError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the answer was HTTP ${status}`);
    this.status = status;
  }
}

async function attempt(
  urls: string[],
  signal: AbortSignal,
  code: 'input_unavailable' | 'upload_failed',
  what: string,
  once: (url: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let last: unknown = new Error('there is no URL for it');
  for (const pause of [...PAUSES_MS, 0]) {
    let hopeless = true;
    for (const url of urls) {
      signal.throwIfAborted();
      try {
        return await once(url, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
      } catch (error) {
        signal.throwIfAborted();
        last = error;
        // A refusal stays one until the edge sends fresh URLs; anything else may pass.
        hopeless &&=
          error instanceof HttpError && error.status >= 400 && error.status < 500 && error.status !== 429;
      }
    }
    if (hopeless) break;
    if (pause > 0) await delay(pause, undefined, { signal });
  }
  const reason =
    last instanceof Error ? (last.cause instanceof Error ? last.cause.message : last.message) : String(last);
  throw new RunFailure(code, true, `${what}: ${reason}. PUT the run again with fresh URLs.`, { cause: last });
}

async function digestOfFile(path: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
