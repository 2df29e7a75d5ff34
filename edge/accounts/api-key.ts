import { sha256Hex, type Mode } from '../../shared/index.ts';
import { randomText } from '../ids.ts';

const TOKEN = /^p3d_(live|test)_([0-9a-z]{24})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What a well-formed token tells before anybody is asked. */
export interface ParsedToken {
  mode: Mode;
  account: string;
}

/**
 * A fresh token `p3d_<mode>_<account>_<secret><checksum>`: 190 random bits, and a checksum by which a mistyped or
 * made-up token is refused without any look-up, and a leaked one is found by scanners. It names its account, so that
 * no index of all keys is needed.
 */
export function newToken(mode: Mode, account: string): string {
  return tokenOf(mode, account, randomText(32, 'base62'));
}

/** The token of a given secret of 32 base-62 characters. */
export function tokenOf(mode: Mode, account: string, secret: string): string {
  const body = `p3d_${mode}_${account.slice('acc_'.length)}_${secret}`;
  return body + checksum(body);
}

/** Mode and account of a token; null where its form or checksum is wrong. */
export function parseToken(token: string): ParsedToken | null {
  const parts = TOKEN.exec(token);
  if (!parts || checksum(token.slice(0, -6)) !== parts[4]) return null;
  return { mode: parts[1] as Mode, account: `acc_${parts[2]}` };
}

/** What is stored of a token. One round of SHA-256 is enough for 190 random bits: there is nothing to guess. */
export function tokenHash(token: string): Promise<string> {
  return sha256Hex(token);
}

/** What is shown of a token after its first showing. */
export function tokenHint(token: string): string {
  return `${token.slice(0, 'p3d_live_'.length)}…${token.slice(-4)}`;
}

/** CRC-32 (IEEE 802.3) of a text, as six base-62 digits. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  const digits: string[] = [];
  for (let place = 0; place < 6; place++) {
    digits.unshift(BASE62[rest % 62]!);
    rest = Math.floor(rest / 62);
  }
  return digits.join('');
}
