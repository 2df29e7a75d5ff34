import { describe, expect, it } from 'vitest';
import { signCallback, verifyCallback } from './signature.ts';

const now = 1_790_000_000_000;
const secret = 'a secret of some length';

describe('callback signature', () => {
  it('is accepted for the body, secret and time it was made for', async () => {
    const header = await signCallback(secret, '{"a":1}', now);
    expect(await verifyCallback(secret, header, '{"a":1}', now + 60_000)).toBe(true);
  });

  it('is refused for another body, another secret, or too late', async () => {
    const header = await signCallback(secret, '{"a":1}', now);
    expect(await verifyCallback(secret, header, '{"a":2}', now)).toBe(false);
    expect(await verifyCallback('another secret entirely', header, '{"a":1}', now)).toBe(false);
    expect(await verifyCallback(secret, header, '{"a":1}', now + 301_000)).toBe(false);
  });

  it('is refused when missing or malformed', async () => {
    for (const header of [null, undefined, '', 't=1', 't=x,v1=00', `t=${now / 1000},v1=${'g'.repeat(64)}`])
      expect(await verifyCallback(secret, header, '{}', now)).toBe(false);
  });
});
