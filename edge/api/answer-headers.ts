/** A header of an answer, as OpenAPI describes it. */
export interface AnswerHeader {
  description: string;
  /** Whether every answer of this status has it. */
  required: boolean;
  schema: { type: 'string'; pattern?: string };
}

/** Headers of an answer by name. */
export type AnswerHeaders = Record<string, AnswerHeader>;

const header = (required: boolean, description: string, pattern?: string): AnswerHeader => ({
  description,
  required,
  schema: { type: 'string', ...(pattern !== undefined && { pattern }) },
});

/** Of every answer. */
export const OF_EVERY_ANSWER: AnswerHeaders = {
  'X-Request-Id': header(true, 'Names the request in logs and traces.', '^[\\w-]{8,64}$'),
};

/** Of what a key is sent with: absent where no key is needed. */
export const OF_KEYS: AnswerHeaders = {
  'RateLimit-Policy': header(false, 'Requests a window of seconds.', '^"[a-z-]+";q=\\d+;w=\\d+$'),
  RateLimit: header(false, 'Requests left, and seconds until all are back.', '^"[a-z-]+";r=\\d+;t=\\d+$'),
};

/** Of a finished or unfinished portrait. */
export const OF_PORTRAITS: AnswerHeaders = {
  'Retry-After': header(false, 'Seconds after which an unfinished one is worth asking for again.', '^\\d+$'),
  'Preference-Applied': header(false, 'The wait of `Prefer` that was heeded.', '^wait=\\d+$'),
};

/** Of a portrait that was just asked for. */
export const OF_NEW_PORTRAITS: AnswerHeaders = {
  ...OF_PORTRAITS,
  Location: header(true, 'The path of the portrait.', '^/v1/portraits/prt_[0-9a-z]{24}$'),
  'Idempotent-Replayed': header(false, 'The answer is one that was given before.', '^true$'),
  Traceparent: header(
    false,
    'The span of the request (W3C Trace Context).',
    '^00-[0-9a-f]{32}-[0-9a-f]{16}-',
  ),
  'Payment-Response': header(false, 'The receipt of an x402 payment.'),
  'Portrait-Key': header(false, 'The key of who paid by x402.', '^p3d_live_'),
};

/** Of stored bytes. */
export const OF_FILES: AnswerHeaders = {
  ETag: header(true, 'The SHA-256 of the whole file.', '^"[0-9a-f]{64}"$'),
  'Accept-Ranges': header(true, 'Ranges of bytes are known.', '^bytes$'),
  'Cache-Control': header(true, 'A file of a name never changes.'),
};

/** Of a part of stored bytes. */
export const OF_RANGES: AnswerHeaders = {
  ...OF_FILES,
  'Content-Range': header(true, 'Which part it is.', '^bytes \\d+-\\d+/\\d+$'),
};

/** Of problems, by their status. */
export const OF_PROBLEMS: Record<string, AnswerHeaders> = {
  401: { 'WWW-Authenticate': header(true, 'Which credentials are wanted.', '^Bearer realm="') },
  402: { 'Payment-Required': header(false, 'The terms of an x402 payment, where one is taken.') },
  409: { 'Retry-After': header(false, 'Seconds after which it may work.', '^\\d+$') },
  416: { 'Content-Range': header(true, 'How large the file is.', '^bytes \\*/\\d+$') },
  429: { 'Retry-After': header(true, 'Seconds after which to try again.', '^\\d+$') },
  503: { 'Retry-After': header(true, 'Seconds after which to try again.', '^\\d+$') },
};
