import * as z from 'zod';
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode } from '../../shared/index.ts';
import { OF_EVERY_ANSWER, OF_KEYS, OF_PROBLEMS, type AnswerHeaders } from './answer-headers.ts';
import type { RequestDescription, Route } from './route.ts';

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
  'account_suspended',
  'rate_limited',
  'misconfigured',
];

type JsonSchema = Record<string, unknown>;

/** An answer; of one with problems, the description lists their codes. */
interface Answer {
  description: string;
  headers?: AnswerHeaders;
  content?: Record<string, { schema: JsonSchema }>;
}

const COMPONENTS = '#/components/schemas/';

/** The OpenAPI 3.1 document of routes, with the problems that all of a kind have in common. */
export function describeApi(routes: readonly Route[]): object {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, describe } of routes) {
    const { id, summary, request = {}, responses } = describe();
    const answers = Object.fromEntries(
      Object.entries(responses).map(([status, answer]) => [status, describeAnswer(answer, schemas)]),
    );
    const codes = [
      ...OF_ALL,
      ...(path.startsWith('/v1/') ? OF_ACCOUNTS : []),
      ...(request.body ? OF_BODIES : []),
    ];
    for (const code of codes) {
      const status = PROBLEMS[code][0];
      answers[status] = withCode(answers[status], code);
    }
    for (const [status, answer] of Object.entries(answers))
      answers[status] = { ...answer, headers: headersOf(path, status, answer) };
    paths[path] = {
      ...paths[path],
      [method]: {
        operationId: id,
        summary,
        // Who asks how the service is needs no key.
        ...(!path.startsWith('/v1/') && { security: [] }),
        ...describeRequest(request, schemas),
        responses: answers,
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portrait3D',
      version: '1',
      description:
        'Text in, a 360° 3D portrait out. Every error is application/problem+json with a stable `code`.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    components: {
      schemas: schemas.named,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
    },
    paths,
  };
}

function describeRequest({ params, query, headers, body }: RequestDescription, schemas: Schemas): object {
  const parameters = [
    ...parametersOf('path', params, schemas),
    ...parametersOf('query', query, schemas),
    ...parametersOf('header', headers, schemas),
  ];
  const schema = body && schemas.of(body.content['application/json'].schema, 'input');
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(schema && { requestBody: { required: true, content: { 'application/json': { schema } } } }),
  };
}

function parametersOf(where: string, members: z.ZodObject | undefined, schemas: Schemas): object[] {
  if (!members) return [];
  const { properties = {}, required = [] } = schemas.of(members, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(schema['description'] !== undefined && { description: schema['description'] }),
    schema,
  }));
}

function describeAnswer(
  { description, headers, content }: ReturnType<Route['describe']>['responses'][string],
  schemas: Schemas,
): Answer {
  if (!content) return { description, headers };
  const described = Object.entries(content).map(([type, { schema }]) => [
    type,
    { schema: schemas.of(schema, 'output') },
  ]);
  return { description, headers, content: Object.fromEntries(described) };
}

/** Headers of an answer: its own, and those that all of its kind have. */
function headersOf(path: string, status: string, { headers }: Answer): AnswerHeaders {
  return {
    ...headers,
    ...OF_PROBLEMS[status],
    ...(path.startsWith('/v1/') && OF_KEYS),
    ...OF_EVERY_ANSWER,
  };
}

/** The answer of a status, with one more code. */
function withCode(answer: Answer | undefined, code: ProblemCode): Answer {
  const content = { [PROBLEM_TYPE]: { schema: { $ref: `${COMPONENTS}Problem` } } };
  if (!answer) return { description: code, content };
  const codes = answer.description.split(', ');
  return codes.includes(code) ? answer : { ...answer, description: [...codes, code].join(', ') };
}

/** JSON Schemas of the document: those with an id of their own stand once, among the components. */
class Schemas {
  readonly named: Record<string, JsonSchema> = {};

  /** The schema of what is sent (`input`), or of what is answered (`output`). */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Inside of another one, a schema with an id becomes a reference.
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ schema }), {
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => simplify(zodSchema, jsonSchema as JsonSchema),
    });
    for (const [name, { id: _, ...named }] of Object.entries($defs)) this.named[name] ??= refer(named);
    return refer(properties!['schema'] as JsonSchema);
  }
}

/** Leaves out what says nothing to a reader: bounds of safe integers, patterns of formats. Answers may grow members. */
function simplify(schema: z.core.$ZodType, json: JsonSchema): void {
  if (json['minimum'] === Number.MIN_SAFE_INTEGER) delete json['minimum'];
  if (json['maximum'] === Number.MAX_SAFE_INTEGER) delete json['maximum'];
  if (json['format'] !== undefined) delete json['pattern'];
  if (schema instanceof z.ZodObject && !schema.def.catchall) delete json['additionalProperties'];
}

/** With the references of a JSON Schema as those of OpenAPI. */
function refer(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${COMPONENTS}`)) as JsonSchema;
}
