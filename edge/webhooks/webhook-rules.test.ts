import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { isAddress, isPublicAddress } from './address.ts';
import { nextTryAt, WAITS_MS } from './schedule.ts';
import { newSecret, signatureOf } from './signature.ts';

const body = '{"type":"portrait.finished"}';
const headers = (signature: string, timestamp: number) => ({
  'webhook-id': 'evt_1',
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
});

describe('a signature', () => {
  it('is taken by the library of Standard Webhooks, with the new secret and the former one', async () => {
    const now = Math.floor(Date.now() / 1000);
    const [secret, former, other] = [newSecret(), newSecret(), newSecret()];
    const signature = await signatureOf([secret, former], 'evt_1', now, body);
    for (const known of [secret, former])
      expect(new Webhook(known).verify(body, headers(signature, now))).toEqual(JSON.parse(body));
    expect(() => new Webhook(other).verify(body, headers(signature, now))).toThrow('No matching signature');
    expect(() => new Webhook(secret).verify(`${body} `, headers(signature, now))).toThrow();
  });

  it('is that of the specification', async () => {
    // The example of the Standard Webhooks libraries.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const signature = await signatureOf(
      [secret],
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
    );
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});

describe('the schedule', () => {
  it('has ten tries over about three days', () => {
    let at = 0;
    const times = [at];
    for (let tries = 1; ; tries++) {
      const next = nextTryAt(tries, at, 0.5);
      if (next === null) break;
      at = next;
      times.push(at);
    }
    expect(times).toHaveLength(10);
    expect(at / 3_600_000).toBeCloseTo(75.585, 2);
  });

  it('draws its waits around the stated ones', () => {
    expect(nextTryAt(2, 0, 0)).toBe(WAITS_MS[2] * 0.9);
    expect(nextTryAt(2, 0, 0.999_999)! / WAITS_MS[2]).toBeCloseTo(1.1, 3);
  });

  it('heeds Retry-After, within a day', () => {
    expect(nextTryAt(1, 0, 0.5, 60)).toBe(60_000);
    expect(nextTryAt(1, 0, 0.5, 10 ** 9)).toBe(24 * 3_600_000);
  });
});

describe('an address', () => {
  it.each(
    `1.1.1.1 93.184.215.14 172.15.0.1 172.32.0.1 100.63.0.1 2606:4700:4700::1111
    [2a00:1450:4001:80b::200e] ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:0808:0808::1`.split(/\s+/),
  )('%s is public', (address) => {
    expect(isAddress(address)).toBe(true);
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each(
    `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255
    192.168.1.1 192.0.0.8 192.0.2.1 198.18.0.1 203.0.113.9 224.0.0.1 255.255.255.255 :: ::1 [::1]
    fe80::1 fc00::1 fd12:3456::1 ff02::1 2001:db8::1 2001::1 ::ffff:127.0.0.1 ::ffff:a00:1
    64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 100::1`.split(/\s+/),
  )('%s is not', (address) => {
    expect(isAddress(address)).toBe(true);
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['example.com', '1.2.3', '1.2.3.256', '1::2::3', '12345::', ':1', 'g::1', ''])(
    '%s is none',
    (text) => {
      expect(isAddress(text)).toBe(false);
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});
