import { hex } from '../../shared/index.ts';
import { MisconfiguredError, signingSecret, type Env } from '../env.ts';

const PREFIX = 'sealed';
const IV_BYTES = 12;
const encoder = new TextEncoder();

/** A secret that was sealed, opened. `stale`: it is to be sealed again, with the present key. */
export interface Opened {
  secret: string;
  stale: boolean;
}

interface Key {
  id: string;
  key: CryptoKey;
}

/**
 * Keeps secrets that must be read again (they sign) encrypted where they are stored: AES-256-GCM, with a key derived by
 * HKDF-SHA-256 from a secret of the worker. A sealed text is `sealed.<key id>.<iv and ciphertext in base64>`, and opens
 * only for the context it was sealed for.
 */
export class SecretBox {
  readonly #keys: Promise<Key[]>;

  /** @param masters the present secret, then former ones, which only open */
  constructor(masters: readonly [string, ...string[]]) {
    this.#keys = Promise.all(masters.map(deriveKey));
  }

  /** Seals a secret for a context, such as the id of what it belongs to. */
  async seal(secret: string, context: string): Promise<string> {
    const [{ id, key }] = (await this.#keys) as [Key];
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = await crypto.subtle.encrypt(gcm(iv, context), key, encoder.encode(secret));
    const bytes = new Uint8Array([...iv, ...new Uint8Array(sealed)]);
    return [PREFIX, id, btoa(String.fromCharCode(...bytes))].join('.');
  }

  /**
   * Opens what {@link seal} made. A text that was never sealed (stored before secrets were) is its own secret, and stale.
   *
   * @throws MisconfiguredError where it was sealed with another secret than those given
   */
  async open(text: string, context: string): Promise<Opened> {
    const [prefix, id, body = ''] = text.split('.');
    if (prefix !== PREFIX) return { secret: text, stale: true };
    const keys = await this.#keys;
    const index = keys.findIndex((key) => key.id === id);
    if (index < 0)
      throw new MisconfiguredError(
        'A webhook secret was sealed with another key: set WEBHOOK_KEY_FORMER to the WEBHOOK_KEY (or SIGNING_SECRET) of before.',
      );
    const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
    const iv = bytes.slice(0, IV_BYTES);
    const secret = await crypto.subtle.decrypt(gcm(iv, context), keys[index]!.key, bytes.slice(IV_BYTES));
    return { secret: new TextDecoder().decode(secret), stale: index > 0 };
  }
}

const gcm = (iv: Uint8Array<ArrayBuffer>, context: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: encoder.encode(context),
});

async function deriveKey(master: string): Promise<Key> {
  const base = await crypto.subtle.importKey('raw', encoder.encode(master), 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ]);
  const hkdf = (info: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: encoder.encode(info),
  });
  const key = await crypto.subtle.deriveKey(
    hkdf('webhook secrets'),
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
  return { id: hex(await crypto.subtle.deriveBits(hkdf('webhook key id'), base, 64)), key };
}

/** The box of the worker's configuration: `WEBHOOK_KEY`, or else the signing secret. @throws MisconfiguredError */
export function secretBoxOf(env: Env): SecretBox {
  const { WEBHOOK_KEY: present, WEBHOOK_KEY_FORMER: former } = env;
  if (present !== undefined && present.length < 32)
    throw new MisconfiguredError('WEBHOOK_KEY is shorter than 32 characters.');
  // Secrets that were sealed before there was a key of their own are opened by the signing secret.
  const masters = [present, former, signingSecret(env)].filter((one) => one !== undefined && one !== '');
  return new SecretBox(masters as [string, ...string[]]);
}
