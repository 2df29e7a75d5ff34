import * as z from 'zod';

interface OpenApiDocument {
  paths: Record<string, Record<string, { responses: Record<string, ResponseObject> }>>;
  components: { schemas: Record<string, unknown> };
}
interface ResponseObject {
  headers?: Record<string, { required: boolean; schema: { pattern?: string } }>;
  content?: Record<string, { schema: object }>;
}

/** The API's description, to hold real answers against. */
export class OpenApi {
  readonly document: OpenApiDocument;

  constructor(document: unknown) {
    this.document = document as OpenApiDocument;
  }

  /** What is wrong with an answer by the description; null where nothing is. */
  async faultOf(method: string, path: string, response: Response): Promise<string | null> {
    const template = this.#templateOf(method, path);
    const operation = template && this.document.paths[template]![method.toLowerCase()];
    if (!operation) return `${method} ${path} is not described`;
    const described = operation.responses[response.status];
    if (!described) return `${method} ${template} does not describe the status ${response.status}`;
    const header = headerFault(described, response.headers);
    if (header) return `${method} ${template} ${response.status}: ${header}`;
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
    if (!described.content) return null;
    const media = described.content[type] ?? described.content['*/*'];
    if (!media) return `${method} ${template} ${response.status} does not describe ${type}`;
    if (!type.includes('json')) return null;
    const parsed = this.#schema(media.schema).safeParse(await response.clone().json());
    return parsed.success
      ? null
      : `${method} ${template} ${response.status}: ${z.prettifyError(parsed.error)}`;
  }

  /** Whether a path is one of the API's: those of Stripe's events, of stage servers and of pages are not. */
  describes(path: string): boolean {
    return ['get', 'post', 'put', 'patch', 'delete'].some((method) => this.#templateOf(method, path));
  }

  /** The described path that a real one fits: one with more fixed parts comes first. */
  #templateOf(method: string, path: string): string | undefined {
    const parts = path.split('?')[0]!.split('/');
    return Object.entries(this.document.paths)
      .filter(([, operations]) => operations[method.toLowerCase()])
      .map(([template]) => template)
      .filter((template) => {
        const wanted = template.split('/');
        return (
          wanted.length === parts.length &&
          wanted.every((part, i) => part.startsWith('{') || part === parts[i])
        );
      })
      .toSorted((a, b) => a.split('{').length - b.split('{').length)[0];
  }

  #schema(schema: object): z.ZodType {
    const whole = JSON.stringify({ ...schema, $defs: this.document.components.schemas });
    return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
  }
}

/** What is wrong with the headers of an answer: one that is missing, or not of its pattern. */
function headerFault({ headers = {} }: ResponseObject, given: Headers): string | null {
  for (const [name, { required, schema }] of Object.entries(headers)) {
    const value = given.get(name);
    if (value === null && required) return `the header ${name} is missing`;
    if (value !== null && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
      return `the header ${name} is ${value}`;
  }
  return null;
}
