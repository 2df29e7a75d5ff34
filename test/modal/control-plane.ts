import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Decoder, Encoder } from 'cbor-x';
import {
  createServer,
  ServerError,
  Status,
  type CallContext,
  type Server,
  type ServerMiddleware,
} from 'nice-grpc';
import { ModalClientDefinition } from './sdk-protocol.ts';

const CBOR = 4;
const STATUS = { success: 1, failure: 2, terminated: 3, timeout: 4, internal: 6 } as const;

const encoder = new Encoder({ mapsAsObjects: true, useRecords: false, tagUint8Array: false });
const decoder = new Decoder({ mapsAsObjects: true, useRecords: false });

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const unimplemented = (name: string) => async () => {
  throw new ServerError(Status.UNIMPLEMENTED, `the control plane double has no ${name}`);
};

/** What a function's container does with one input; aborts where the call is cancelled or the container is lost. */
export type Handler = (payload: unknown, signal: AbortSignal) => Promise<unknown>;

interface GuardedCall {
  method: { path: string };
  request: unknown;
  next(request: unknown, context: CallContext): AsyncGenerator<unknown, unknown>;
}

interface Result {
  status: number;
  data?: Uint8Array;
  exception?: string;
}

interface Call {
  id: string;
  tag: string;
  payload: unknown;
  controller: AbortController;
  /** How often a container began with it. */
  attempts: number;
  result?: Result;
  over: PromiseWithResolvers<void>;
}

export interface ControlPlaneOptions {
  tokenId: string;
  tokenSecret: string;
  app: string;
  /** By name of the class; each has one method, `run`. */
  classes: Record<string, Handler>;
}

/**
 * A control plane of Modal on 127.0.0.1, as far as the gateway uses it: it speaks the SDK's own gRPC messages, runs
 * functions through handlers, and does on demand what networks and GPU pools do.
 */
export class ControlPlane {
  readonly calls = new Map<string, Call>();
  readonly methods: string[] = [];
  readonly #options: ControlPlaneOptions;
  readonly #answered = new Map<string, unknown>();
  /** How often the answer to a method is still to be lost, after its work was done. */
  readonly #losses = new Map<string, number>();
  #server: Server | undefined;
  #port = 0;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  /** Starts listening: on the same port as before, where it was stopped. */
  async start(): Promise<string> {
    const server = createServer().use(((call, context) => this.#guard(call, context)) as ServerMiddleware);
    const service = Object.fromEntries(
      Object.keys(ModalClientDefinition.methods).map((name) => [
        name,
        this.#rpcs[name] ?? unimplemented(name),
      ]),
    );
    server.add(ModalClientDefinition as never, service as never);
    this.#port = await server.listen(`127.0.0.1:${this.#port}`);
    this.#server = server;
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Stops listening; functions go on. */
  stop(): void {
    this.#server?.forceShutdown();
  }

  /** The next answers to a method are lost on their way. */
  loseAnswers(method: string, count: number): void {
    this.#losses.set(method, count);
  }

  /** Takes a class from the app, or puts one there. */
  deploy(name: string, handler: Handler | undefined): void {
    if (handler) this.#options.classes[name] = handler;
    else delete this.#options.classes[name];
  }

  /** The one call there is. */
  only(): Call {
    if (this.calls.size !== 1) throw new Error(`there are ${this.calls.size} calls`);
    return [...this.calls.values()][0]!;
  }

  /** The container's machine is taken away: Modal runs the input again in another container. */
  preempt({ id }: Call): void {
    const call = this.calls.get(id)!;
    call.controller.abort();
    call.controller = new AbortController();
    void this.#work(call);
  }

  /** The call ends in another way than by what its function returns. */
  end({ id }: Call, status: keyof typeof STATUS, exception: string): void {
    const call = this.calls.get(id)!;
    this.#settle(call, { status: STATUS[status], exception });
    call.controller.abort();
  }

  async *#guard(call: GuardedCall, context: CallContext): AsyncGenerator<unknown, unknown> {
    const method = call.method.path.split('/').at(-1)!;
    this.methods.push(method);
    const { tokenId, tokenSecret } = this.#options;
    if (
      context.metadata.get('x-modal-token-id') !== tokenId ||
      context.metadata.get('x-modal-token-secret') !== tokenSecret
    )
      throw new ServerError(Status.UNAUTHENTICATED, 'Token missing or unknown');
    // A repeated request is answered as the first one was.
    const repeated = `${method} ${context.metadata.get('x-idempotency-key')}`;
    const answer = this.#answered.has(repeated)
      ? this.#answered.get(repeated)
      : yield* call.next(call.request, context);
    this.#answered.set(repeated, answer);
    const losses = this.#losses.get(method) ?? 0;
    if (losses > 0) {
      this.#losses.set(method, losses - 1);
      throw new ServerError(Status.UNAVAILABLE, 'connection lost');
    }
    return answer;
  }

  async #work(call: Call): Promise<void> {
    const { signal } = call.controller;
    call.attempts++;
    try {
      const value = await this.#options.classes[call.tag]!(call.payload, signal);
      if (!signal.aborted) this.#settle(call, { status: STATUS.success, data: encoder.encode(value) });
    } catch (error) {
      if (!signal.aborted)
        this.#settle(call, { status: STATUS.failure, exception: (error as Error).message });
    }
  }

  #settle(call: Call, result: Result): void {
    call.result ??= result;
    call.over.resolve();
  }

  #find(id: string): Call {
    const call = this.calls.get(id);
    if (!call) throw new ServerError(Status.NOT_FOUND, `no function call ${id}`);
    return call;
  }

  readonly #rpcs: Record<string, (request: never) => Promise<unknown>> = {
    authTokenGet: async () => {
      const exp = Math.floor(Date.now() / 1000) + 3600;
      return { token: `${base64({ alg: 'none' })}.${base64({ exp })}.signature` };
    },
    functionGet: async ({ appName, objectTag }: { appName: string; objectTag: string }) => {
      const tag = objectTag.replace(/\.\*$/, '');
      if (appName !== this.#options.app || !this.#options.classes[tag])
        throw new ServerError(Status.NOT_FOUND, `no ${objectTag} in ${appName}`);
      const formats = { supportedInputFormats: [CBOR], supportedOutputFormats: [CBOR] };
      const handleMetadata = {
        functionName: objectTag,
        ...formats,
        methodHandleMetadata: { run: { functionName: `${tag}.run`, isMethod: true, ...formats } },
      };
      return { functionId: `fu-${tag}`, handleMetadata, serverWarnings: [] };
    },
    functionMap: async (request: {
      functionId: string;
      pipelinedInputs: { input: { args: Uint8Array; methodName: string } }[];
    }) => {
      const { args, methodName } = request.pipelinedInputs[0]!.input;
      const tag = request.functionId.slice(3);
      if (methodName !== 'run' || !this.#options.classes[tag])
        throw new ServerError(Status.NOT_FOUND, `no method ${tag}.${methodName}`);
      const [[payload]] = decoder.decode(Buffer.from(args)) as [[unknown]];
      const call: Call = {
        id: `fc-${randomUUID()}`,
        tag,
        payload,
        controller: new AbortController(),
        attempts: 0,
        over: Promise.withResolvers(),
      };
      this.calls.set(call.id, call);
      void this.#work(call);
      const input = { idx: 0, inputId: `in-${call.id}`, inputJwt: 'input' };
      return { functionCallId: call.id, functionCallJwt: 'call', pipelinedInputs: [input] };
    },
    functionCallFromId: async ({ functionCallId }: { functionCallId: string }) => {
      this.#find(functionCallId);
      return { functionCallId, numInputs: 1 };
    },
    functionGetOutputs: async (request: { functionCallId: string; timeout: number }) => {
      const call = this.#find(request.functionCallId);
      await Promise.race([call.over.promise, delay(request.timeout * 1000)]);
      const { result } = call;
      if (!result) return { outputs: [], lastEntryId: '0-0', numUnfinishedInputs: 1 };
      const output = { result, idx: 0, inputId: `in-${call.id}`, dataFormat: CBOR };
      return { outputs: [output], lastEntryId: '1-0', numUnfinishedInputs: 0 };
    },
    functionCallCancel: async ({ functionCallId }: { functionCallId: string }) => {
      const call = this.#find(functionCallId);
      this.#settle(call, { status: STATUS.terminated, exception: 'cancelled' });
      call.controller.abort();
      return {};
    },
  };
}
