import { FunctionTimeoutError, InternalFailure, NotFoundError, RemoteError, TimeoutError } from 'modal';
import type { ModalClient } from 'modal';
import { ClientError, Status } from 'nice-grpc';
import { STAGES, type Stage } from '../../shared/index.ts';

/** What has become of a call. */
export type CallState =
  | { kind: 'pending' }
  | { kind: 'returned'; value: unknown }
  /** The function raised, or was ended from outside. */
  | { kind: 'raised'; message: string }
  /** Modal ended it at the function's timeout. */
  | { kind: 'timed_out' }
  /** Modal lost the container, and gave up trying again. */
  | { kind: 'lost'; message: string }
  /** Modal knows no such call (any more). */
  | { kind: 'unknown' };

/** Modal cannot be used just now; the message says why and what to do. */
export class ModalUnavailable extends Error {
  override readonly name = 'ModalUnavailable';
}

/** The class of the Modal app that runs a stage. */
export const classOf = (stage: Stage) => stage[0]!.toUpperCase() + stage.slice(1);

/** The stages as functions on Modal: spawn, poll, cancel. Every method @throws ModalUnavailable */
export class ModalCalls {
  readonly #modal: ModalClient;
  readonly #app: string;

  /** @param app name of the deployed app (modal_app.py). */
  constructor(modal: ModalClient, app: string) {
    this.#modal = modal;
    this.#app = app;
  }

  /** Whether the token is good and every stage's function is deployed. */
  async check(): Promise<void> {
    for (const stage of STAGES) await this.#reach(() => this.#function(stage));
  }

  /** Queues a call of a stage's function. @returns its id */
  spawn(stage: Stage, payload: unknown): Promise<string> {
    return this.#reach(async () => (await (await this.#function(stage)).spawn([payload])).functionCallId);
  }

  /** What has become of a call, after at most `waitMs`. */
  async poll(id: string, waitMs: number): Promise<CallState> {
    return this.#reach(async () => {
      try {
        const call = await this.#modal.functionCalls.fromId(id);
        return { kind: 'returned', value: await call.get({ timeoutMs: waitMs }) };
      } catch (error) {
        // The wait was over before the call was.
        if (error instanceof TimeoutError) return { kind: 'pending' };
        if (error instanceof FunctionTimeoutError) return { kind: 'timed_out' };
        if (error instanceof InternalFailure) return { kind: 'lost', message: error.message };
        if (error instanceof RemoteError) return { kind: 'raised', message: error.message };
        if (isStatus(error, Status.NOT_FOUND)) return { kind: 'unknown' };
        throw error;
      }
    });
  }

  /** Cancels a call; the container stays for the next one. A call that is over or unknown is left as it is. */
  async cancel(id: string): Promise<void> {
    await this.#reach(async () => {
      try {
        await (await this.#modal.functionCalls.fromId(id)).cancel();
      } catch (error) {
        if (!isStatus(error, Status.NOT_FOUND)) throw error;
      }
    });
  }

  async #function(stage: Stage) {
    // Looked up each time: a deployment in between replaces the function.
    const cls = await this.#modal.cls.fromName(this.#app, classOf(stage));
    return (await cls.instance()).method('run');
  }

  async #reach<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw new ModalUnavailable(this.#reasonOf(error), { cause: error });
    }
  }

  #reasonOf(error: unknown): string {
    if (error instanceof NotFoundError)
      return `${error.message}: deploy the app '${this.#app}' with \`modal deploy\` (docs/deploy.md).`;
    if (isStatus(error, Status.UNAUTHENTICATED) || isStatus(error, Status.PERMISSION_DENIED))
      return 'Modal refuses the token: set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET to one that is valid.';
    if (isStatus(error, Status.UNAVAILABLE)) return 'Modal cannot be reached.';
    return `Modal answered with an error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isStatus(error: unknown, code: Status): boolean {
  return error instanceof ClientError && error.code === code;
}
