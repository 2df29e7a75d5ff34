import type * as z from 'zod';
import { PROBLEM_TYPE, problemSchema, type ProblemCode, PROBLEMS } from '../../shared/index.ts';

/** OpenAPI responses for problems, by status, with the codes each status may carry. */
export function problemAnswers(...codes: ProblemCode[]) {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))];
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: codes.filter((code) => PROBLEMS[code][0] === status).join(', '),
        content: { [PROBLEM_TYPE]: { schema: problemSchema() } },
      },
    ]),
  );
}

/** OpenAPI request body of a JSON schema. */
export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});
