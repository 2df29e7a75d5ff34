import { PROBLEM_TYPE, RUN_PROBLEMS, type RunProblemCode } from '../../shared/index.ts';

const TITLES: Record<RunProblemCode, string> = {
  server_full: 'Every slot is taken',
  model_mismatch: 'Other weights are loaded',
  not_ready: 'The stage server is not ready',
  invalid_run: 'Invalid run',
  unauthorized: 'The bearer token is missing or wrong',
  run_not_found: 'No such run',
};

/** A refusal of the run protocol; the app answers it as problem+json. */
export class RunProblem extends Error {
  override readonly name = 'RunProblem';
  readonly code: RunProblemCode;
  readonly retryAfter: number | undefined;

  /** @param retryAfter seconds */
  constructor(code: RunProblemCode, detail: string, retryAfter?: number) {
    super(detail);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  response(): Response {
    const status = RUN_PROBLEMS[this.code];
    const body = {
      type: `urn:problem:${this.code}`,
      title: TITLES[this.code],
      status,
      code: this.code,
      detail: this.message,
    };
    const headers = new Headers({ 'content-type': PROBLEM_TYPE });
    if (this.retryAfter !== undefined) headers.set('retry-after', String(this.retryAfter));
    return new Response(JSON.stringify(body), { status, headers });
  }
}
