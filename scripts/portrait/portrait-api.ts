import { createHash } from 'node:crypto';
import {
  portraitSchema,
  problemSchema,
  signedProvenanceSchema,
  type Portrait,
  type PortraitFile,
  type PortraitRequestInput,
  type SignedProvenance,
} from '../../shared/index.ts';

/** The service refused a request; the message holds its detail and what to do about it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Between two questions how far a portrait is: through wrangler's proxies each takes 25 ms of a core. */
export const POLL_MS = 500;

/** The few calls of the public HTTP API (docs/http-api.md) that making one portrait takes. */
export class PortraitApi {
  readonly #base: URL | string;

  constructor(base: URL | string) {
    this.#base = base;
  }

  /** @throws ApiError */
  async create(request: PortraitRequestInput): Promise<Portrait> {
    const body = JSON.stringify(request);
    const headers = { 'content-type': 'application/json' };
    return portraitSchema().parse(
      await (await this.#call('POST', '/v1/portraits', { body, headers })).json(),
    );
  }

  /** @throws ApiError */
  async get(id: string): Promise<Portrait> {
    return portraitSchema().parse(await (await this.#call('GET', `/v1/portraits/${id}`)).json());
  }

  /** @throws ApiError */
  async cancel(id: string): Promise<Portrait> {
    return portraitSchema().parse(await (await this.#call('POST', `/v1/portraits/${id}/cancel`)).json());
  }

  /** Where a finished portrait comes from, signed, and the keys of the service. @throws ApiError */
  async provenance(id: string): Promise<SignedProvenance & { keys: unknown[] }> {
    const [signed, keys] = await Promise.all(
      [`/v1/portraits/${id}/provenance`, '/.well-known/provenance-keys.json'].map(async (path) =>
        (await this.#call('GET', path)).json(),
      ),
    );
    return { ...signedProvenanceSchema().parse(signed), ...(keys as { keys: unknown[] }) };
  }

  /** The bytes of a file, checked against its digest. @throws ApiError */
  async download(file: PortraitFile): Promise<Uint8Array> {
    const bytes = new Uint8Array(await (await this.#call('GET', file.url)).arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
      throw new ApiError(200, 'damaged_file', `${file.name} arrived damaged: run the same command again.`);
    }
    return bytes;
  }

  async #call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.#base);
    let response: Response;
    try {
      response = await fetch(url, { ...init, method, signal: AbortSignal.timeout(60_000) });
    } catch (error) {
      const { cause, message } = error as Error;
      const reason = cause instanceof Error ? cause.message : message;
      throw new ApiError(0, 'unreachable', `${url.origin} cannot be reached: ${reason}.`);
    }
    if (response.ok) return response;
    const problem = problemSchema().safeParse(await response.json().catch(() => null));
    if (!problem.success)
      throw new ApiError(response.status, 'unknown', `${url} answered HTTP ${response.status}.`);
    const { code, detail, action, errors = [] } = problem.data;
    const fields = errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`).join('');
    throw new ApiError(response.status, code, `${detail}${fields}\n${action}`);
  }
}
