import { afterAll, beforeAll, expect, it } from 'vitest';
import { problemSchema } from '../../shared/index.ts';
import { Chance } from '../faults/chance.ts';
import { Fuzzer, type Description, type FuzzRequest } from './fuzz-request.ts';
import { startEdge, type Edge } from './harness.ts';
import { OpenApi } from './openapi.ts';

const REQUESTS = 5_000;
const AT_ONCE = 16;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
  // Portraits wait for a place: it is the API that is tried.
  edge.stageServer.full = true;
});
afterAll(() => edge.close());

it(`answers ${REQUESTS} requests of all kinds as it is described, and never with a fault of its own`, async () => {
  const openApi = new OpenApi(await (await edge.api('/openapi.json')).json());
  const ids = ['prt_000000000000000000000000'];
  const known = () => ({ id: ids, name: ['front.png', 'image.png'], key: [], delivery: [] });
  const fuzzer = new Fuzzer(openApi.document as unknown as Description, new Chance(7), known);
  const statuses = new Map<number, number>();
  /** An example of each kind of fault. */
  const faults = new Map<string, string>();

  const send = async (request: FuzzRequest) => {
    const { method, path, headers, body } = request;
    const stop = new AbortController();
    const response = await edge.api(path, { method, headers, body, signal: stop.signal, redirect: 'manual' });
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    const fault = await faultOf(openApi, request, response);
    if (fault) faults.set(fault, JSON.stringify(request).slice(0, 300));
    const location = response.headers.get('location');
    if (location?.startsWith('/v1/portraits/') && ids.length < 20) ids.push(location.split('/').pop()!);
    // Event streams of portraits that wait do not end by themselves.
    stop.abort();
  };
  const requests = Array.from({ length: REQUESTS }, () => null);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (requests.pop() === null) await send(fuzzer.next());
    }),
  );
  expect(Object.fromEntries(faults)).toEqual({});
  // It was not all nonsense, and not all sense.
  for (const status of [200, 202, 400, 404, 405, 422])
    expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(10);
}, 1_800_000);

/** What is wrong with an answer; null where nothing is. */
async function faultOf(
  openApi: OpenApi,
  { method, path }: FuzzRequest,
  response: Response,
): Promise<string | null> {
  const type = response.headers.get('content-type') ?? '';
  if (response.status >= 500) return `HTTP ${response.status}`;
  if (response.status >= 400 && method !== 'HEAD') {
    if (type !== 'application/problem+json') return `HTTP ${response.status} as ${type}`;
    const problem = problemSchema().safeParse(await response.clone().json());
    if (!problem.success || problem.data.status !== response.status)
      return `no problem: HTTP ${response.status}`;
    // A path or method that there is not is described nowhere.
    if (['route_not_found', 'method_not_allowed'].includes(problem.data.code)) return null;
  }
  // `/status/%2e%2e` and the like are `/`, which leads to the pages.
  if (new URL(path, 'http://edge').pathname === '/') return null;
  if (method === 'HEAD' || type.startsWith('text/event-stream')) return null;
  return openApi.faultOf(method, path, response);
}
