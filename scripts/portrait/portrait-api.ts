import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import {
  isFinal,
  portraitEventSchema,
  portraitSchema,
  problemSchema,
  signedProvenanceSchema,
  type Portrait,
  type PortraitEvent,
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

/** Time between two tries to reach a service that is away, and for how long it is tried. */
const [RETRY_MS, PATIENCE_MS] = [500, 60_000];

/** The stream sends a comment every 15 s at least; after a longer silence the connection is taken to be dead. */
const SILENCE_MS = 45_000;

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

  /**
   * A portrait as it is, and again whenever something of it changes, until it is over. A service that is away for a moment
   * is waited for, and the stream goes on where it broke off.
   *
   * @throws ApiError
   * @throws the signal's reason when it aborts
   */
  async *watch(created: Portrait, signal: AbortSignal): AsyncGenerator<Portrait> {
    let portrait = created;
    let last: string | undefined;
    let heardAt = performance.now();
    yield portrait;
    while (!isFinal(portrait.status)) {
      try {
        for await (const event of this.#events(portrait.id, last, signal)) {
          heardAt = performance.now();
          last = event.id;
          portrait = after(portrait, event);
          yield portrait;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ApiError && error.code !== 'unreachable') throw error;
        if (performance.now() - heardAt > PATIENCE_MS) throw error;
      }
      if (!isFinal(portrait.status)) await delay(RETRY_MS, undefined, { signal });
    }
  }

  /** The portrait once it is over. @throws as {@link watch} does; a portrait whose watching is aborted is cancelled first */
  async finished(created: Portrait, signal: AbortSignal): Promise<Portrait> {
    let portrait = created;
    try {
      for await (const now of this.watch(created, signal)) portrait = now;
    } catch (error) {
      if (signal.aborted) await this.cancel(created.id);
      throw error;
    }
    return portrait;
  }

  /** What happens to a portrait after an event, until the stream ends or breaks off. */
  async *#events(id: string, last: string | undefined, signal: AbortSignal): AsyncGenerator<PortraitEvent> {
    const headers = { accept: 'text/event-stream', ...(last && { 'last-event-id': last }) };
    const silent = new AbortController();
    const watchdog = setTimeout(() => silent.abort(), SILENCE_MS);
    try {
      const response = await this.#call('GET', `/v1/portraits/${id}/events`, {
        headers,
        signal: AbortSignal.any([signal, silent.signal]),
      });
      const parser = new EventSourceParserStream({ onComment: () => watchdog.refresh() });
      for await (const { data } of response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(parser)) {
        watchdog.refresh();
        yield portraitEventSchema().parse(JSON.parse(data));
      }
    } finally {
      clearTimeout(watchdog);
    }
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
      response = await fetch(url, { signal: AbortSignal.timeout(60_000), ...init, method });
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

/** A portrait as an event leaves it. */
function after(portrait: Portrait, event: PortraitEvent): Portrait {
  switch (event.type) {
    case 'portrait.progress':
      return { ...portrait, progress: event.data };
    case 'portrait.preview':
      return portrait;
    default:
      return event.data;
  }
}
