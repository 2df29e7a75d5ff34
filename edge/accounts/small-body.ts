import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from '../api/problem-error.ts';

/** Problems of every request with a JSON body. */
export const BODY_PROBLEMS = [
  'invalid_json',
  'unsupported_media_type',
  'body_too_large',
  'invalid_request',
] as const;

const LIMIT = 256 * 1024;

/** Refuses bodies beyond what any request to accounts, webhooks or safety can need, before they are read. */
export const smallBody: MiddlewareHandler = bodyLimit({
  maxSize: LIMIT,
  onError: () => {
    throw new ProblemError('body_too_large', `The body is larger than ${LIMIT} bytes.`);
  },
});
