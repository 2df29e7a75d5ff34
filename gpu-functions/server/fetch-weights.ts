import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { sha256Schema } from '../../shared/index.ts';
import type { Log } from './log.ts';

/** What the weights of a profile are: each file below the folder of profiles, by its digest. */
export const weightsManifestSchema = z.object({
  files: z
    .array(
      z.object({
        path: z
          .string()
          .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\]+$/, 'must lie inside the folder of profiles'),
        sha256: sha256Schema(),
        /** Bytes. */
        size: z.int().min(0),
        /** Where it is fetched from; relative to the manifest, and by default beside it under its path. */
        url: z.string().optional(),
      }),
    )
    .min(1),
});
type WeightsFile = z.output<typeof weightsManifestSchema>['files'][number];

/** Pauses between tries, in milliseconds. */
const PAUSES_MS = [500, 2_000, 8_000];

/** A transfer that brings nothing for this long is begun again where it stopped. */
const STALLED_MS = 60_000;

/**
 * Brings the weights of a manifest into a folder. A file that is there with the right digest is left; one that was
 * begun is gone on with; one appears under its name only when its digest is right.
 *
 * @param manifest URL or path.
 * @throws Error that says which file, why, and what to do.
 */
export async function fetchWeights(
  manifest: string,
  folder: string,
  log: Log,
  pausesMs: readonly number[] = PAUSES_MS,
): Promise<void> {
  const base = /^https?:/.test(manifest) ? new URL(manifest) : pathToFileURL(manifest);
  const { files } = await readManifest(base);
  for (const file of files) {
    const path = join(folder, file.path);
    if ((await sizeOf(path)) === file.size && (await digestOf(path)) === file.sha256) continue;
    await mkdir(dirname(path), { recursive: true });
    const url = new URL(file.url ?? file.path, base);
    const startedAt = performance.now();
    await fetchFile(file, url, path, pausesMs);
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    log('info', 'weights_fetched', { path: file.path, bytes: file.size, seconds });
  }
}

async function readManifest(url: URL) {
  try {
    const text = url.protocol === 'file:' ? await readFile(url, 'utf8') : await (await get(url, 0)).text();
    return weightsManifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`The manifest of the weights cannot be used: ${why} (${nameOf(url)}).`, { cause: error });
  }
}

async function fetchFile(
  { path: name, sha256, size }: WeightsFile,
  url: URL,
  path: string,
  pausesMs: readonly number[],
) {
  const part = `${path}.${sha256.slice(0, 16)}.part`;
  let last: Error | undefined;
  for (const pause of [...pausesMs, 0]) {
    try {
      await goOn(url, part, size);
      if ((await sizeOf(part)) === size && (await digestOf(part)) === sha256) return await place(part, path);
      await rm(part, { force: true });
      last = new Error('what is there has another size or digest than the manifest says');
    } catch (error) {
      last = error as Error;
    }
    await delay(pause);
  }
  const cause = last!.cause instanceof Error ? `${last!.message}: ${last!.cause.message}` : last!.message;
  throw new Error(
    `The weights ${name} could not be fetched from ${nameOf(url)}: ${cause}. ` +
      'Check the address and the manifest, and start again: what was fetched is kept.',
    { cause: last },
  );
}

/** Fetches what is missing at the end of a file that was begun. */
async function goOn(url: URL, part: string, size: number): Promise<void> {
  const have = (await sizeOf(part)) ?? 0;
  if (have === size && size > 0) return;
  // A file longer than it should be was begun from something else.
  const from = have < size ? have : 0;
  if (url.protocol === 'file:') {
    return pipeline(createReadStream(url), createWriteStream(part));
  }
  const stalled = new AbortController();
  const response = await get(url, from, stalled.signal);
  const resumes = response.status === 206;
  let timer = setTimeout(() => stalled.abort(), STALLED_MS);
  const bytes = Readable.fromWeb(response.body! as never);
  bytes.on('data', () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(new Error('the transfer stalled')), STALLED_MS);
  });
  try {
    await pipeline(bytes, createWriteStream(part, { flags: resumes ? 'a' : 'w' }));
  } finally {
    clearTimeout(timer);
  }
}

async function get(url: URL, from: number, signal?: AbortSignal): Promise<Response> {
  const headers = from > 0 ? { range: `bytes=${from}-` } : undefined;
  const response = await fetch(url, { ...(headers && { headers }), ...(signal && { signal }) });
  if (response.ok) return response;
  await response.body?.cancel();
  throw new Error(`the answer was HTTP ${response.status}`);
}

/** Gives a whole file its name, once its bytes are on the disk. */
async function place(part: string, path: string): Promise<void> {
  const file = await open(part, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** An address without its query, which may be a signature. */
const nameOf = (url: URL) => `${url.origin === 'null' ? 'file://' : url.origin}${url.pathname}`;
