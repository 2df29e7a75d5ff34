import { Hono } from 'hono';
import type { Context, TypedResponse } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import type * as z from 'zod';
import { lazily } from '../../shared/index.ts';
import type { AnswerHeaders } from './answer-headers.ts';
import type { AppEnv } from './app-env.ts';
import { fieldErrors } from './invalid.ts';
import { ProblemError } from './problem-error.ts';

/** What a request may bring. Members of path, query and headers are texts; schemas may make other things of them. */
export interface RequestDescription {
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { required: true; content: { 'application/json': { schema: z.ZodType } } };
}

/** An operation of the API, as OpenAPI describes it. */
export interface Description {
  /** The name of the operation in clients that are made of the document. */
  id: string;
  summary: string;
  request?: RequestDescription;
  responses: Record<
    string,
    { description: string; headers?: AnswerHeaders; content?: Record<string, { schema: z.ZodType }> }
  >;
}

/** An operation and where it is; `path` has its parameters in braces. */
export interface Route<D extends Description = Description> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  describe: () => D;
}

/** A route. Its schemas are built for the first request to it, or for the description of the whole API. */
export function createRoute<D extends Description>(
  method: Route['method'],
  path: string,
  describe: () => D,
): Route<D> {
  return { method, path, describe: lazily(describe) };
}

type Output<T> = T extends z.ZodType ? z.output<T> : never;
type PartOf<R, Name extends keyof RequestDescription> = Name extends keyof R ? R[Name] : never;

/** What a handler is given of a request, by where it comes from. */
interface Parsed<R> {
  param: Output<PartOf<R, 'params'>>;
  query: Output<PartOf<R, 'query'>>;
  header: Output<PartOf<R, 'headers'>>;
  json: PartOf<R, 'body'> extends { content: { 'application/json': { schema: infer T } } }
    ? Output<T>
    : never;
}
type Input<D extends Description> = { out: Parsed<D['request']> };

/** What a handler may answer with: JSON as one of the described statuses has it, or nothing where nothing is described. */
type Answered<Responses> = {
  [Status in keyof Responses & StatusCode]: Responses[Status] extends {
    content: { 'application/json': { schema: infer T extends z.ZodType } };
  }
    ? Response & TypedResponse<z.output<T>, Status, 'json'>
    : Response & TypedResponse<unknown, Status, string>;
}[keyof Responses & StatusCode];
type Answer<D extends Description> = (
  c: Context<AppEnv, string, Input<D>>,
) => Answered<D['responses']> | Promise<Answered<D['responses']>>;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/i;

/** Routes of which some are described: those check what a request brings before anything is done. */
export class Routes extends Hono<AppEnv> {
  /** The described routes, with those of parts. */
  readonly described: Route[] = [];

  /**
   * Answers an operation.
   *
   * @param answer is given what the request brings as `c.req.valid(…)`; anything else has been refused as the problem
   *   invalid_parameter, unsupported_media_type, invalid_json or invalid_request.
   */
  answer<D extends Description>(route: Route<D>, answer: Answer<D>): void {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    this.on(route.method.toUpperCase(), path, async (c) => {
      await check(c, route.describe().request ?? {});
      return (await answer(c as never)) as Response;
    });
    this.described.push(route);
  }

  /** Takes over the routes of a part. */
  include(part: Routes): void {
    this.route('/', part);
    this.described.push(...part.described);
  }
}

/** Parses what a request brings. @throws ProblemError for what the description does not allow */
async function check(
  c: Context<AppEnv>,
  { params, query, headers, body }: RequestDescription,
): Promise<void> {
  // A misspelt filter would be none at all.
  if (query) take(c, 'query', query.strict(), queryOf(c));
  if (params) take(c, 'param', params, c.req.param());
  if (headers) take(c, 'header', headers, c.req.header());
  if (body) take(c, 'json', body.content['application/json'].schema, await jsonOf(c));
}

type Target = 'query' | 'param' | 'header' | 'json';

function take(c: Context<AppEnv>, target: Target, schema: z.ZodType, value: unknown): void {
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw fieldErrors(error, target);
  c.req.addValidatedData(target, data as object);
}

/** The query: a member that is given several times is a list, which no schema allows. */
function queryOf(c: Context): Record<string, string | string[]> {
  const members = Object.entries(c.req.queries());
  return Object.fromEntries(
    members.map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
}

async function jsonOf(c: Context): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';')[0]!.trim() ?? '';
  if (!JSON_TYPE.test(type))
    throw new ProblemError('unsupported_media_type', 'The body is not declared as JSON.');
  try {
    return await c.req.json();
  } catch (error) {
    // A body beyond its limit ends in a problem of its own while it is read.
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('invalid_json', 'The body is no JSON.');
  }
}
