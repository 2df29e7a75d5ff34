import { ProblemError } from '../api/problem-error.ts';
import { artifactPath } from './store.ts';

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
function namesTag(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

interface ServedRequest {
  method: string;
  header(name: string): string | undefined;
}

/**
 * Answers with a stored artifact: ETag (its SHA-256), If-None-Match, one byte range, If-Range.
 *
 * @throws ProblemError artifact_not_found, range_not_satisfiable
 */
export async function serveArtifact(
  bucket: R2Bucket,
  request: ServedRequest,
  sha256: string,
  contentType: string | null,
): Promise<Response> {
  const head = await bucket.head(artifactPath(sha256));
  if (!head) throw new ProblemError('artifact_not_found', `There is no artifact ${sha256}.`);
  const etag = `"${sha256}"`;
  const headers = new Headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': contentType ?? head.httpMetadata?.contentType ?? 'application/octet-stream',
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
  if (request.method === 'HEAD') return new Response(null, { status, headers });
  const object = await bucket.get(artifactPath(sha256), range ? { range: { offset: first, length } } : {});
  if (!object) throw new ProblemError('artifact_not_found', `There is no artifact ${sha256}.`);
  return new Response(object.body, { status, headers });
}
