import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PORTRAIT_ERROR_CODES, PROBLEMS, type ProblemCode } from '../../shared/index.ts';
import { startEdge, type Edge } from './harness.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

/** Codes of routes that no customer calls, and of paths that there are not. */
const UNDESCRIBED: readonly ProblemCode[] = [
  'artifact_not_found',
  'artifact_mismatch',
  'invalid_signature',
  'nobody_waits',
  'length_required',
  'method_not_allowed',
];

interface Described {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        parameters?: { name: string; in: string; required: boolean }[];
        responses: Record<string, { description: string }>;
      }
    >
  >;
  components: { schemas: Record<string, unknown> };
}

it('clients can be made of the document: names of operations, path parameters, references', async () => {
  const document = (await (await edge.api('/openapi.json')).json()) as Described;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  );
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const { path, operationId, parameters = [] } of operations) {
    expect(operationId, path).toMatch(/^[a-z]+[A-Z][A-Za-z]+$/);
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = parameters.filter((one) => one.in === 'path' && one.required).map(({ name }) => name);
    expect(described, path).toEqual(wanted);
  }
  const text = JSON.stringify(document);
  const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
  expect(referred.length).toBeGreaterThan(50);
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...new Set(referred)]));
  expect(text.match(/"\$ref":/g)).toHaveLength(referred.length);
});

it('every code of a problem is in the documentation, and in the OpenAPI document under its status', async () => {
  const text = await readFile('docs/http-api.md', 'utf8');
  const { paths } = (await (await edge.api('/openapi.json')).json()) as Described;
  const answers = Object.values(paths)
    .flatMap((operations) => Object.values(operations))
    .flatMap(({ responses }) => Object.entries(responses));
  for (const [code, [status]] of Object.entries(PROBLEMS)) {
    expect(text, code).toContain(`\`${code}\``);
    const described = answers.some(
      ([answered, { description }]) => answered === String(status) && description.split(', ').includes(code),
    );
    if (!UNDESCRIBED.includes(code as ProblemCode)) expect(described, code).toBe(true);
  }
});

it('every code of a failed portrait is in the documentation', async () => {
  const text = await readFile('docs/http-api.md', 'utf8');
  for (const code of PORTRAIT_ERROR_CODES) expect(text, code).toContain(`\`${code}\``);
});

it('a request that may be paid for by itself says so', async () => {
  const { paths } = (await (await edge.api('/openapi.json')).json()) as Described;
  const { responses } = paths['/v1/portraits']!['post']!;
  expect(responses['402']!.description.split(', ')).toEqual(
    expect.arrayContaining([
      'payment_required',
      'payment_invalid',
      'insufficient_credits',
      'spend_cap_reached',
    ]),
  );
});
