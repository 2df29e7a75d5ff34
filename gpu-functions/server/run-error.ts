import type { RunError } from '../../shared/index.ts';

/** A failure of a run that is understood: it becomes the run's `error` as it is. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly code: RunError['code'];
  readonly retryable: boolean;

  constructor(code: RunError['code'], retryable: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = retryable;
  }
}

/** Why work on a run stops: nobody wants it any more. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  override readonly message = 'cancelled';
}

/** Why work on a run stops: its server does. */
export class ShuttingDown extends Error {
  override readonly name = 'ShuttingDown';
  override readonly message = 'the server shuts down';
}

/** Texts with which V8 and onnxruntime say that memory ran out. */
const OUT_OF_MEMORY = /out of memory|bad_alloc|allocation failed|failed to allocate/i;

/** The run's `error` for anything a stage, or the work around it, may throw. */
export function runErrorOf(error: unknown): RunError {
  if (error instanceof RunFailure) {
    return { code: error.code, retryable: error.retryable, message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'ContentFilteredError') {
    return { code: 'content_filtered', retryable: false, message };
  }
  if (error instanceof Error && error.name === 'ZodError') {
    return { code: 'invalid_params', retryable: false, message };
  }
  if (OUT_OF_MEMORY.test(message)) {
    return {
      code: 'out_of_memory',
      retryable: false,
      message: `${message} — use a machine with more memory, or a lower quality`,
    };
  }
  return { code: 'internal', retryable: false, message };
}
