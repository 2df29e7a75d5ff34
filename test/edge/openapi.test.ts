import { expect, it } from 'vitest';
import { OpenApi } from './openapi.ts';

const openApi = new OpenApi({
  components: {
    schemas: { Thing: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } },
  },
  paths: {
    '/things/{id}': {
      get: {
        responses: {
          200: {
            headers: { 'X-Request-Id': { required: true, schema: { pattern: '^req_' } } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
        },
      },
    },
  },
});
const headers = { 'content-type': 'application/json', 'x-request-id': 'req_1' };
const faultOf = (body: unknown, init: ResponseInit, method = 'GET') =>
  openApi.faultOf(method, '/things/7', new Response(JSON.stringify(body), init));

it('finds nothing wrong with an answer that is as described', async () => {
  expect(await faultOf({ id: 'a' }, { headers })).toBe(null);
});

it.each([
  ['a member of another type', { id: 5 }, { headers }, /expected string/],
  ['a status that is not described', { id: 'a' }, { headers, status: 201 }, /the status 201/],
  ['another media type', { id: 'a' }, { headers: { ...headers, 'content-type': 'text/html' } }, /text\/html/],
  ['a missing header', { id: 'a' }, { headers: { 'content-type': 'application/json' } }, /is missing/],
  [
    'a header of another form',
    { id: 'a' },
    { headers: { ...headers, 'x-request-id': '1' } },
    /X-Request-Id is 1/,
  ],
])('finds %s', async (_, body, init, fault) => {
  expect(await faultOf(body, init)).toMatch(fault);
});

it('finds an operation that is not described', async () => {
  expect(await faultOf({}, { headers }, 'DELETE')).toBe('DELETE /things/7 is not described');
});
