import type { FieldError } from '../../shared/index.ts';
import { ProblemError } from './problem-error.ts';

/** As much of a ZodError as is read here. */
interface SchemaError {
  issues: readonly { code?: string; path: readonly PropertyKey[]; message: string; keys?: string[] }[];
}

/** JSON Pointer (RFC 6901) of a path into a body. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A message that says which member is wrong: those of zod itself do not. */
function named(path: readonly PropertyKey[], message: string): string {
  const silent = path.length > 0 && /^(?:Too (?:small|big)|Invalid)\b/.test(message);
  return silent ? `${path.map(String).join('.')}: ${message}` : message;
}

/** The problem that a failed validation is: of the body (422, with pointers), or of a parameter or header (400). */
export function fieldErrors(error: SchemaError, target: string): ProblemError {
  const errors = error.issues.flatMap(({ code = 'invalid', path, message, keys }): FieldError[] =>
    keys
      ? keys.map((name) => ({
          pointer: pointer([...path, name]),
          code,
          detail: target === 'query' ? 'is not a known parameter' : `${name} is not a known member`,
        }))
      : [{ pointer: pointer(path), code, detail: target === 'json' ? named(path, message) : message }],
  );
  const details = errors.map(({ detail }) => detail).join('; ');
  if (target === 'json') return new ProblemError('invalid_request', `${details}.`, { errors });
  const parameters = errors.map(({ pointer: at, detail }) => `${at.slice(1)}: ${detail}`).join('; ');
  return new ProblemError('invalid_parameter', `${parameters}.`);
}
