import * as z from 'zod';

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** The public API's errors: HTTP status, title, and what to do about it. Codes are stable; texts may change. */
export const PROBLEMS = {
  invalid_json: [
    400,
    'Broken JSON',
    'Send a JSON object, such as {"prompt": "a young woman with red hair"}.',
  ],
  invalid_request: [
    422,
    'Invalid request',
    'Correct the members named in `errors` and send the request again.',
  ],
  invalid_parameter: [400, 'Invalid parameter', 'Correct the query parameter or header named in the detail.'],
  unsupported_media_type: [
    415,
    'Unsupported media type',
    'Send the body with Content-Type: application/json.',
  ],
  body_too_large: [413, 'Body too large', 'Send a smaller body.'],
  length_required: [411, 'Length required', 'Send the body with a Content-Length.'],
  route_not_found: [404, 'No such route', 'See /openapi.json for the routes there are.'],
  method_not_allowed: [405, 'Method not allowed', 'Use one of the methods in the Allow header.'],
  portrait_not_found: [
    404,
    'No such portrait',
    'Check the id, or list the portraits with GET /v1/portraits.',
  ],
  file_not_found: [404, 'No such file', 'Use one of the names in the `files` or `previews` of the portrait.'],
  artifact_not_found: [404, 'No such artifact', 'The artifact was never stored, or has been removed.'],
  artifact_mismatch: [
    400,
    'Artifact mismatch',
    'The bytes do not hash to the SHA-256 in the URL: upload them again.',
  ],
  invalid_signature: [
    403,
    'Invalid signature',
    'Use the signed URL or header exactly as it was made, before it expires.',
  ],
  range_not_satisfiable: [416, 'Range not satisfiable', 'Ask for a range inside the file.'],
  idempotency_key_reused: [
    422,
    'Idempotency key reused',
    'This Idempotency-Key came with another body before: use a new key for a new request.',
  ],
  misconfigured: [500, 'Service misconfigured', 'Tell the operator of this service.'],
  internal: [500, 'Internal error', 'Try again; if it stays, tell the operator of this service.'],
} as const satisfies Record<string, readonly [number, string, string]>;
export type ProblemCode = keyof typeof PROBLEMS;

/** One member of a request that is wrong; `pointer` is a JSON Pointer (RFC 6901) into the body. */
export const fieldErrorSchema = z.object({ pointer: z.string(), code: z.string(), detail: z.string() });
export type FieldError = z.output<typeof fieldErrorSchema>;

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; switch on this.' }),
    detail: z.string(),
    action: z.string().meta({ description: 'What to do about it.' }),
    errors: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;

/** The problem of a code; `detail` says what happened this time. */
export function problem(code: ProblemCode, detail: string, errors?: FieldError[]): Problem {
  const [status, title, action] = PROBLEMS[code];
  return { type: `urn:problem:${code}`, title, status, code, detail, action, ...(errors && { errors }) };
}
