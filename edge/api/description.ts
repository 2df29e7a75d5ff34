import type { OpenAPIHono } from '@hono/zod-openapi';
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode } from '../../shared/index.ts';
import type { AppEnv } from './app-env.ts';

/** Problems that any operation may answer with: all, and those with a body, or an account to belong to. */
const OF_ALL: readonly ProblemCode[] = ['internal'];
const OF_BODIES: readonly ProblemCode[] = [
  'invalid_json',
  'unsupported_media_type',
  'body_too_large',
  'invalid_request',
];
const OF_ACCOUNTS: readonly ProblemCode[] = [
  'unauthorized',
  'insufficient_scope',
  'rate_limited',
  'misconfigured',
];

/** An answer with problems; its description lists their codes. */
interface ProblemAnswer {
  description: string;
  content?: object;
}

interface Operation {
  requestBody?: unknown;
  responses: Record<string, ProblemAnswer>;
}

/** The OpenAPI 3.1 document of the app: its routes, and the problems that all of a kind have in common. */
export function describeApi(app: OpenAPIHono<AppEnv>): object {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Portrait3D',
      version: '1',
      description:
        'Text in, a 360° 3D portrait out. Every error is application/problem+json with a stable `code`.',
    },
    security: [{ apiKey: [] }],
  });
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const operation of Object.values(operations as Record<string, Operation>)) {
      const codes = [
        ...OF_ALL,
        ...(path.startsWith('/v1/') ? OF_ACCOUNTS : []),
        ...(operation.requestBody ? OF_BODIES : []),
      ];
      for (const code of codes) {
        const status = PROBLEMS[code][0];
        operation.responses[status] = withCode(operation.responses[status], code);
      }
    }
  document.components = {
    ...document.components,
    securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
  };
  return document;
}

/** The answer of a status, with one more code. */
function withCode(answer: ProblemAnswer | undefined, code: ProblemCode): ProblemAnswer {
  const content = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };
  if (!answer) return { description: code, content };
  const codes = answer.description.split(', ');
  return codes.includes(code) ? answer : { ...answer, description: [...codes, code].join(', ') };
}
