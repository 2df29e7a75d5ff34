import * as z from 'zod';
import { accountSchema, keyWithTokenSchema, ledgerSchema } from '../../shared/index.ts';
import { SIGNING_SECRET, startEdge } from '../edge/harness.ts';
import { OpenApi } from '../edge/openapi.ts';

export const ADMIN_TOKEN = 'an-operator-token-that-only-these-tests-know';

const openedSchema = z.object({ account: accountSchema(), key: keyWithTokenSchema() });

/**
 * The real worker with accounts and keys, and what a customer and the operator do with it. Whatever an operation answers is
 * held against the OpenAPI document: its status, headers and body.
 */
export async function startShop(vars: Record<string, string>) {
  const edge = await startEdge({ SIGNING_SECRET, ADMIN_TOKEN, ...vars });
  const openApi = new OpenApi(await (await edge.api('/openapi.json')).json());
  const api: typeof edge.api = async (path, init) => {
    const response = await edge.api(path, init);
    const fault = await openApi.faultOf(init?.method ?? 'GET', path, response);
    if (fault && openApi.describes(path)) throw new Error(fault);
    return response;
  };
  const call = async (method: string, path: string, token: string | null, body?: unknown) => {
    const response = await api(path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  };
  return {
    ...edge,
    api,
    call,
    open: async (wish: object = {}) => {
      const { json } = await call('POST', '/v1/admin/accounts', ADMIN_TOKEN, { name: 'A shop', ...wish });
      const { account, key } = openedSchema.parse(json);
      return { id: account.id, token: key.token, key: key.id };
    },
    credits: async (token: string) =>
      accountSchema().parse((await call('GET', '/v1/account', token)).json).credits,
    ledger: async (token: string) => ledgerSchema().parse((await call('GET', '/v1/ledger', token)).json).data,
  };
}
export type Shop = Awaited<ReturnType<typeof startShop>>;
