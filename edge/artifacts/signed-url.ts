import { hmacHex, hmacMatches } from '../../shared/index.ts';

/** `GET` reads one artifact of a run; `PUT` stores whatever the run makes. */
type Method = 'GET' | 'PUT';

const message = (method: Method, run: string, sha256: string, exp: number) =>
  [method, run, method === 'GET' ? sha256 : '*', exp].join('\n');

/** A URL that reads one artifact of a run until `exp` (seconds since 1970). */
export async function signedGet(
  origin: string,
  secret: string,
  run: string,
  sha256: string,
  exp: number,
): Promise<string> {
  const sig = await hmacHex(secret, message('GET', run, sha256, exp));
  return `${origin}/internal/artifacts/${sha256}?run=${run}&exp=${exp}&sig=${sig}`;
}

/** A URL template in which `{sha256}` is to be replaced, that stores artifacts of one run until `exp`. */
export async function signedPutTemplate(
  origin: string,
  secret: string,
  run: string,
  exp: number,
): Promise<string> {
  const sig = await hmacHex(secret, message('PUT', run, '*', exp));
  return `${origin}/internal/artifacts/{sha256}?run=${run}&exp=${exp}&sig=${sig}`;
}

/** Whether a URL's query was signed for this method and artifact and has not expired at `now` milliseconds. */
export async function urlIsSigned(
  secret: string,
  method: Method,
  sha256: string,
  query: Record<string, string | undefined>,
  now: number,
): Promise<boolean> {
  const exp = Number(query.exp);
  if (!Number.isSafeInteger(exp) || exp * 1000 < now || !query.run || !query.sig) return false;
  return hmacMatches(secret, message(method, query.run, sha256, exp), query.sig);
}

const checkpointMessage = (run: string, exp: number) => ['CHECKPOINT', run, exp].join('\n');

/** A URL that stores and reads the checkpoint of one run until `exp`. */
export async function signedCheckpoint(
  origin: string,
  secret: string,
  run: string,
  exp: number,
): Promise<string> {
  const sig = await hmacHex(secret, checkpointMessage(run, exp));
  return `${origin}/internal/checkpoints/${run}?exp=${exp}&sig=${sig}`;
}

/** Whether the query of a checkpoint's URL was signed for this run and has not expired at `now` milliseconds. */
export async function checkpointIsSigned(
  secret: string,
  run: string,
  query: Record<string, string | undefined>,
  now: number,
): Promise<boolean> {
  const exp = Number(query.exp);
  if (!Number.isSafeInteger(exp) || exp * 1000 < now || !query.sig) return false;
  return hmacMatches(secret, checkpointMessage(run, exp), query.sig);
}

/** The secret that signs the callbacks of one portrait. Derived, so that nothing need be kept. */
export function callbackSecret(secret: string, portrait: string): Promise<string> {
  return hmacHex(secret, `callback\n${portrait}`);
}
