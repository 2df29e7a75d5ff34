import * as z from 'zod';
import { lazily } from '../../shared/index.ts';
import type { PortraitError } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { log } from '../observability/log.ts';

/** As much of the worker's configuration as checks of pictures read. */
export type PictureCheckEnv = Pick<
  Env,
  'AI' | 'PICTURE_CHECK_MODEL' | 'PICTURE_CHECK_URL' | 'PICTURE_CHECK_TOKEN' | 'PICTURE_CHECK_REQUIRED'
>;

/** What a check says of a picture; `why` is for the log, as it may be in a model's own words. */
export interface PictureVerdict {
  allowed: boolean;
  why: string;
}

const ANSWER_WITHIN_MS = 15_000;

/** A model of Workers AI answers in one word, so that nothing is left to be understood. */
const QUESTION =
  'You check pictures of a service that makes portraits of clothed people. Does this picture show nudity, a sexual act, ' +
  'gore, or a symbol of hate? Answer with one word: "yes" or "no".';

const answerSchema = lazily(() =>
  z.object({ allowed: z.boolean(), reason: z.string().max(500).default('') }),
);

/** The answer of a model that was asked {@link QUESTION}; null where it is neither yes nor no. */
export function readAnswer(answer: string): PictureVerdict | null {
  const word = /^\W*(yes|no)\b/i.exec(answer)?.[1]?.toLowerCase();
  return word ? { allowed: word === 'no', why: word } : null;
}

/** Whether pictures are looked at by the edge at all. */
export function checksPictures(env: PictureCheckEnv): boolean {
  return Boolean(env.PICTURE_CHECK_URL || (env.AI && env.PICTURE_CHECK_MODEL));
}

/**
 * Shows a picture to the configured check, an HTTP service (`PICTURE_CHECK_URL`) or else a vision model of Workers AI
 * (`PICTURE_CHECK_MODEL`). Null where it may be shown, or no check is configured.
 *
 * @param picture a PNG
 * @throws Error where the check does not answer and `PICTURE_CHECK_REQUIRED=on`: try again later.
 */
export async function checkPicture(
  env: PictureCheckEnv,
  portrait: string,
  picture: Uint8Array<ArrayBuffer>,
): Promise<PortraitError | null> {
  if (!checksPictures(env)) return null;
  try {
    const verdict = env.PICTURE_CHECK_URL
      ? await askService(env.PICTURE_CHECK_URL, env.PICTURE_CHECK_TOKEN, picture)
      : await askModel(env, picture);
    if (verdict.allowed) return null;
    log('info', 'picture.filtered', { portrait, why: verdict.why });
    return {
      code: 'content_filtered',
      stage: 'imagine',
      message: 'The picture that was drawn may not be shown.',
      action: 'Send the request with another seed, or describe the person in other words.',
    };
  } catch (error) {
    log('warn', 'picture_check.silent', { portrait, reason: String(error) });
    if (env.PICTURE_CHECK_REQUIRED === 'on') throw error;
    return null;
  }
}

/** POSTs the PNG; the service answers `{"allowed": boolean, "reason": "…"}`. */
async function askService(
  url: string,
  token: string | undefined,
  picture: Uint8Array<ArrayBuffer>,
): Promise<PictureVerdict> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'image/png', ...(token && { authorization: `Bearer ${token}` }) },
    body: picture,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the picture check answered HTTP ${response.status}`);
  }
  const { allowed, reason } = answerSchema().parse(await response.json());
  return { allowed, why: reason };
}

async function askModel(
  { AI, PICTURE_CHECK_MODEL }: PictureCheckEnv,
  picture: Uint8Array<ArrayBuffer>,
): Promise<PictureVerdict> {
  let timer!: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_WITHIN_MS);
  });
  const asked = AI!.run(PICTURE_CHECK_MODEL!, { prompt: QUESTION, image: [...picture], max_tokens: 8 });
  const { response } = await Promise.race([asked, late]).finally(() => clearTimeout(timer));
  const verdict = readAnswer(String(response ?? ''));
  if (!verdict) throw new Error('the model answered neither yes nor no');
  return verdict;
}
