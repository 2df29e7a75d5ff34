const PREFIX = 'whsec_';
const encoder = new TextEncoder();

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

/** A fresh signing secret: `whsec_` and 32 random bytes in base64 (Standard Webhooks). */
export function newSecret(): string {
  return PREFIX + base64(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * The value of `webhook-signature` (Standard Webhooks): for each secret, `v1,` and the base64 of HMAC-SHA256 of
 * `id.timestamp.body`. More than one while a secret is being rotated.
 */
export async function signatureOf(
  secrets: readonly string[],
  id: string,
  timestampS: number,
  body: string,
): Promise<string> {
  const signatures = await Promise.all(
    secrets.map(async (secret) => {
      const raw = Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0));
      const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
        'sign',
      ]);
      const mac = await crypto.subtle.sign('HMAC', key, encoder.encode(`${id}.${timestampS}.${body}`));
      return `v1,${base64(new Uint8Array(mac))}`;
    }),
  );
  return signatures.join(' ');
}
