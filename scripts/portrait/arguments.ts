import { parseArgs } from 'node:util';
import * as z from 'zod';
import {
  DEFAULT_OUTPUTS,
  OUTPUTS,
  portraitRequestSchema,
  QUALITIES,
  type PortraitRequestInput,
} from '../../shared/index.ts';

export const USAGE = `Usage: npm run portrait -- "PROMPT" [options]
  --seed N             whole number; the same prompt and seed give the same portrait (drawn at random)
  --quality NAME       ${QUALITIES.join(', ')} (standard)
  --negative TEXT      what the portrait should not show
  --candidates N       images drawn, of which the best becomes the portrait: 1 to 8 (4)
  --outputs A,B,…      files to make, of ${OUTPUTS.join(', ')}
                       (${DEFAULT_OUTPUTS.join(',')})
  --out DIR            where the files go (out)
  --api URL            use a running service instead of starting one
  --state DIR          where a service started here keeps results and checkpoints (.state)

Example: npm run portrait -- "an old man with a white beard, wearing a red turtleneck" --seed 7 --out out`;

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface PortraitArguments {
  request: PortraitRequestInput;
  out: string;
  api: URL | undefined;
  state: string | undefined;
}

/** What the command line asks for, or 'help'. @throws UsageError */
export function readArguments(args: string[]): PortraitArguments | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (positionals.length === 0) throw new UsageError('The prompt is missing.');
  if (positionals.length > 1) {
    throw new UsageError(`There are ${positionals.length} prompts: put the whole prompt in quotes.`);
  }
  const request = portraitRequestSchema().safeParse({
    prompt: positionals[0],
    ...(values.negative !== undefined && { negative_prompt: values.negative }),
    ...(values.seed !== undefined && { seed: wholeNumber(values.seed) }),
    ...(values.quality !== undefined && { quality: values.quality }),
    ...(values.candidates !== undefined && { candidates: wholeNumber(values.candidates) }),
    ...(values.outputs !== undefined && { outputs: values.outputs.split(',').map((name) => name.trim()) }),
  });
  if (!request.success) throw new UsageError(messageOf(request.error));
  return { request: request.data, out: values.out, api: apiAddress(values.api), state: values.state };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        quality: { type: 'string' },
        negative: { type: 'string' },
        candidates: { type: 'string' },
        outputs: { type: 'string' },
        out: { type: 'string', default: 'out' },
        api: { type: 'string' },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The number a text means; the schema refuses NaN with its own message. */
function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function messageOf(error: z.ZodError): string {
  return error.issues.map(({ message }) => `${message}.`).join('\n');
}

function apiAddress(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(`--api must be an http or https address, not '${text}'.`);
  }
  return url;
}
