import { describe, expect, it } from 'vitest';
import { newToken, parseToken, tokenHash, tokenHint, tokenOf } from './api-key.ts';
import { newId } from '../ids.ts';

describe('a token', () => {
  it('tells its mode and account, and is another each time', () => {
    const account = newId('acc');
    const token = newToken('live', account);
    expect(parseToken(token)).toEqual({ mode: 'live', account });
    expect(parseToken(newToken('test', account))).toEqual({ mode: 'test', account });
    expect(newToken('live', account)).not.toBe(token);
    expect(tokenHint(token)).toBe(`p3d_live_…${token.slice(-4)}`);
  });

  it('is refused with any one character changed', () => {
    const token = newToken('live', newId('acc'));
    for (let place = 0; place < token.length; place++) {
      const other = token[place] === 'a' ? 'b' : 'a';
      expect(parseToken(token.slice(0, place) + other + token.slice(place + 1))).toBe(null);
    }
    for (const text of ['', 'Bearer', token.slice(1), `${token}a`, token.toUpperCase()])
      expect(parseToken(text)).toBe(null);
  });

  it('ends in the CRC-32 of the rest', () => {
    // CRC-32 computed independently (zlib): 0x61c7df47, in base 62.
    const token = tokenOf('live', `acc_${'0'.repeat(24)}`, 'A'.repeat(32));
    expect(token.slice(0, -6)).toBe(`p3d_live_${'0'.repeat(24)}_${'A'.repeat(32)}`);
    expect(token.slice(-6)).toBe('1n1K4N');
  });

  it('is stored as its SHA-256', async () => {
    expect(await tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
