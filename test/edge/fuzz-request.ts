import type { Chance } from '../faults/chance.ts';

type Schema = Record<string, unknown> & {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  example?: unknown;
};
interface Operation {
  parameters?: { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
export interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** A request made of an API's description and of nonsense. */
export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** Texts that have broken services before. */
const TEXTS = [
  '',
  ' ',
  'null',
  '-1',
  '1e999',
  '0x10',
  '%00',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>',
  '𝕬 🧔🏽‍♂️ é',
  '\u202e\u0000',
  'x'.repeat(3000),
  '__proto__',
  '2026-13-45T99:99:99Z',
  '{}',
];
const VALUES: unknown[] = [null, true, -1, 0, 1.5, 2 ** 53, 1e300, [], {}, [[]], ['a', 1], { a: { b: [] } }];

/** Draws requests: mostly of described operations, with right, nearly right and absurd values. */
export class Fuzzer {
  readonly #description: Description;
  readonly #chance: Chance;
  readonly #known: () => Record<string, string[]>;

  /** `known` gives values of path parameters that exist. */
  constructor(description: Description, chance: Chance, known: () => Record<string, string[]>) {
    this.#description = description;
    this.#chance = chance;
    this.#known = known;
  }

  next(): FuzzRequest {
    const chance = this.#chance;
    const [template, operations] = chance.pick(Object.entries(this.#description.paths));
    const [described, operation] = chance.pick(Object.entries(operations));
    const method = chance.happens(0.93) ? described.toUpperCase() : chance.pick(METHODS);
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    let path = template;
    for (const { name, in: where, required, schema } of operation.parameters ?? []) {
      if (where === 'path') path = path.replace(`{${name}}`, encodeURIComponent(this.#pathValue(name)));
      else if (required || chance.happens(0.4)) {
        const text = this.#text(schema);
        if (where === 'query') query.append(name, text);
        else headers[name] = headerSafe(text);
      }
    }
    if (chance.happens(0.03)) path += chance.pick(['/', '/%2e%2e', '//', '/x', '?']);
    if (chance.happens(0.05))
      headers.range = chance.pick(['bytes=0-', 'bytes=-0', 'bytes=9-1', 'bytes=a-b', 'x']);
    if (chance.happens(0.05))
      headers['last-event-id'] = chance.pick(['evt_x', '999', 'evt_000000000000000000000000_5']);
    // A request is not kept waiting here.
    if (headers.prefer !== undefined)
      headers.prefer = chance.pick(['wait=0', 'wait=-1', 'wait', 'respond-async', ',,']);
    const search = query.size > 0 ? `?${query}` : '';
    return { method, path: `${path}${search}`, headers, body: this.#body(method, operation, headers) };
  }

  #pathValue(name: string): string {
    const known = this.#known()[name] ?? [];
    return known.length > 0 && this.#chance.happens(0.7)
      ? this.#chance.pick(known)
      : this.#chance.pick(TEXTS);
  }

  #body(method: string, operation: Operation, headers: Record<string, string>): string | undefined {
    if (method === 'GET' || method === 'HEAD') return undefined;
    const chance = this.#chance;
    const schema = operation.requestBody?.content['application/json']?.schema;
    if (!schema && chance.happens(0.9)) return undefined;
    headers['content-type'] = chance.happens(0.95)
      ? 'application/json'
      : chance.pick(['text/plain', 'x', '']);
    if (chance.happens(0.1))
      return chance.pick([
        '',
        '{',
        '[]',
        'null',
        '"text"',
        '\u0000',
        '{"prompt": 1e999}',
        'x'.repeat(20_000),
      ]);
    return JSON.stringify(this.#value(schema ?? {}, 0));
  }

  #text(schema: Schema | undefined): string {
    const value = this.#chance.happens(0.5) ? this.#value(schema ?? {}, 0) : this.#chance.pick(TEXTS);
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  #value(schema: Schema, depth: number): unknown {
    const chance = this.#chance;
    if (chance.happens(0.06)) return chance.pick([...VALUES, ...TEXTS]);
    if (schema.$ref)
      return this.#value(this.#description.components.schemas[schema.$ref.split('/').pop()!]!, depth);
    if (schema.example !== undefined && chance.happens(0.3)) return schema.example;
    if (schema.enum) return chance.pick(schema.enum);
    if (schema.anyOf) return this.#value(chance.pick(schema.anyOf), depth + 1);
    switch (Array.isArray(schema.type) ? chance.pick(schema.type) : schema.type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return Array.from({ length: Math.floor(chance.between(0, 4)) }, () =>
          this.#value(schema.items ?? {}, depth + 1),
        );
      case 'integer':
      case 'number':
        return chance.pick([0, 1, 2, 7, 50, -1, 0.5, 2 ** 31, chance.between(-1000, 1000)]);
      case 'boolean':
        return chance.happens(0.5);
      case 'string':
        return chance.happens(0.6) ? `person ${Math.floor(chance.between(0, 40))}` : chance.pick(TEXTS);
      default:
        return chance.pick(VALUES);
    }
  }

  #object({ properties = {}, required = [] }: Schema, depth: number): unknown {
    const members = Object.entries(properties)
      .filter(([name]) => (required.includes(name) ? this.#chance.happens(0.95) : this.#chance.happens(0.4)))
      .map(([name, member]) => [name, depth > 5 ? null : this.#value(member, depth + 1)]);
    if (this.#chance.happens(0.05))
      members.push([this.#chance.pick(['extra', '__proto__', 'constructor']), 1]);
    return Object.fromEntries(members);
  }
}

/** Headers are bytes without control characters; what cannot be sent is not sent. */
const headerSafe = (text: string) =>
  text
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, 300);
