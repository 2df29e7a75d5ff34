import { problem, PROBLEM_TYPE, type FieldError, type ProblemCode } from '../../shared/index.ts';

/** An error that is meant for the caller: it becomes a problem+json answer. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly headers: Record<string, string>;
  readonly errors: FieldError[] | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    options: { headers?: Record<string, string>; errors?: FieldError[] } = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }

  /** The same problem with more headers. */
  with(headers: Record<string, string>): ProblemError {
    return new ProblemError(this.code, this.message, {
      headers: { ...this.headers, ...headers },
      ...(this.errors && { errors: this.errors }),
    });
  }

  /** The answer (RFC 9457). */
  toResponse(): Response {
    const body = problem(this.code, this.message, this.errors);
    return new Response(JSON.stringify(body), {
      status: body.status,
      headers: { ...this.headers, 'content-type': PROBLEM_TYPE },
    });
  }
}
