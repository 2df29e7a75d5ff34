import { ProblemError } from '../api/problem-error.ts';
import { artifactPath } from './paths.ts';

/** What a range header asks of `size` bytes: inclusive bounds; null where the header is to be ignored. */
export function parseRange(
  header: string | undefined,
  size: number,
): { first: number; last: number } | 'unsatisfiable' | null {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!parts || (parts[1] === '' && parts[2] === '')) return null;
  const [from, to] = [parts[1], parts[2]];
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return null;
  return first >= size ? 'unsatisfiable' : { first, last };
}

/** Whether an If-None-Match header names this ETag (weakly compared). */
export function namesTag(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''));
}

/** As much of a request as serving a file looks at. */
export interface ServedRequest {
  method: string;
  header(name: string): string | undefined;
}

/** Bytes that are somewhere, by their SHA-256. */
export interface ArtifactSource {
  /** Null where there are no such bytes. */
  head(): Promise<{ size: number; contentType: string | null } | null>;
  body(range: { offset: number; length: number }): Promise<ReadableStream | ArrayBuffer | null>;
}

/** An artifact of a run, in the bucket. */
export function bucketSource(bucket: R2Bucket, run: string, sha256: string): ArtifactSource {
  const path = artifactPath(run, sha256);
  return {
    async head() {
      const head = await bucket.head(path);
      return head && { size: head.size, contentType: head.httpMetadata?.contentType ?? null };
    },
    body: async (range) => (await bucket.get(path, { range }))?.body ?? null,
  };
}

/**
 * Answers with an artifact: ETag (its SHA-256), If-None-Match, one byte range, If-Range. Null where it is not stored.
 *
 * @throws ProblemError range_not_satisfiable
 */
export async function serveArtifact(
  source: ArtifactSource,
  request: ServedRequest,
  sha256: string,
  contentType: string | null,
): Promise<Response | null> {
  const head = await source.head();
  if (!head) return null;
  const etag = `"${sha256}"`;
  const headers = new Headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': contentType ?? head.contentType ?? 'application/octet-stream',
    'x-content-type-options': 'nosniff',
  });
  if (namesTag(request.header('if-none-match'), etag)) return new Response(null, { status: 304, headers });

  const condition = request.header('if-range');
  const range = condition && condition !== etag ? null : parseRange(request.header('range'), head.size);
  if (range === 'unsatisfiable')
    throw new ProblemError('range_not_satisfiable', `The file has ${head.size} bytes.`, {
      headers: { 'content-range': `bytes */${head.size}` },
    });
  const { first, last } = range ?? { first: 0, last: head.size - 1 };
  const length = last - first + 1;
  headers.set('content-length', String(length));
  if (range) headers.set('content-range', `bytes ${first}-${last}/${head.size}`);
  const status = range ? 206 : 200;
  if (request.method === 'HEAD' || length === 0) return new Response(null, { status, headers });
  const body = await source.body({ offset: first, length });
  return body && new Response(body, { status, headers });
}
