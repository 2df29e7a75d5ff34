import { hex } from './canonical.ts';

/** Header of a callback: `t=<unix seconds>,v1=<HMAC-SHA256 of "t.body">`. */
export const SIGNATURE_HEADER = 'portrait-signature';

/** A callback signed longer ago than this (or further ahead) is refused: a replay, or a wrong clock. */
export const SIGNATURE_TOLERANCE_S = 300;

const encoder = new TextEncoder();

function hmacKey(secret: string) {
  return crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
}

/** HMAC-SHA256 of a text under a secret, as 64 hexadecimal digits. */
export async function hmacHex(secret: string, message: string): Promise<string> {
  return hex(await crypto.subtle.sign('HMAC', await hmacKey(secret), encoder.encode(message)));
}

/** Whether `signature` is the HMAC of `message`, compared in constant time. Anything malformed is simply false. */
export async function hmacMatches(secret: string, message: string, signature: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const bytes = Uint8Array.from(signature.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  return crypto.subtle.verify('HMAC', await hmacKey(secret), bytes, encoder.encode(message));
}

/** The value of {@link SIGNATURE_HEADER} for a callback body, at `now` milliseconds since 1970. */
export async function signCallback(secret: string, body: string, now: number): Promise<string> {
  const t = Math.floor(now / 1000);
  return `t=${t},v1=${await hmacHex(secret, `${t}.${body}`)}`;
}

/** Whether a callback's header was made for this body with this secret, within {@link SIGNATURE_TOLERANCE_S}. */
export async function verifyCallback(
  secret: string,
  header: string | null | undefined,
  body: string,
  now: number,
): Promise<boolean> {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '');
  if (!parts) return false;
  if (Math.abs(now / 1000 - Number(parts[1])) > SIGNATURE_TOLERANCE_S) return false;
  return hmacMatches(secret, `${parts[1]}.${body}`, parts[2]!);
}
