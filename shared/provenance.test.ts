import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Portrait } from './portrait-resource.ts';
import { provenanceKey, provenanceOf, signProvenance, verifyProvenance } from './provenance.ts';

const portrait = {
  id: 'prt_1',
  model: 'w',
  profile: 'mini',
  quality: 'draft',
  seed: 7,
  prompt: 'an old man',
  finished_at: '2026-01-01T00:00:00.000Z',
  files: [{ name: 'front.png', sha256: 'a'.repeat(64) }],
} as unknown as Portrait;

// RFC 8032, section 7.1, test 1.
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const seed = Uint8Array.from(Buffer.from(SEED, 'hex'));

describe('the provenance of a portrait', () => {
  it('names what made it and its files, and of the prompt only the hash', async () => {
    const manifest = await provenanceOf(portrait);
    expect(JSON.stringify(manifest)).not.toContain('old man');
    expect(manifest.assertions[1].data.files).toEqual([{ name: 'front.png', hash: 'a'.repeat(64) }]);
    await expect(provenanceOf({ ...portrait, finished_at: null })).rejects.toThrow('not finished');
  });

  it('is signed by the key of the seed, as another implementation of Ed25519 confirms', async () => {
    const key = await provenanceKey(seed);
    expect(Buffer.from(key.jwk.x, 'base64url').toString('hex')).toBe(PUBLIC);
    const { jws, manifest } = await signProvenance(await provenanceOf(portrait), key);
    expect(await verifyProvenance(jws, key.jwk)).toEqual(manifest);
    const [header, payload, signature] = jws.split('.') as [string, string, string];
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.jwk.x }, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify(null, signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('is refused when changed, or signed by another', async () => {
    const key = await provenanceKey(seed);
    const other = await provenanceKey(seed.map((byte) => byte ^ 1));
    const { jws } = await signProvenance(await provenanceOf(portrait), key);
    expect(await verifyProvenance(jws, other.jwk)).toBe(null);
    const [header, , signature] = jws.split('.');
    expect(await verifyProvenance(`${header}.e30.${signature}`, key.jwk)).toBe(null);
    expect(await verifyProvenance('nonsense', key.jwk)).toBe(null);
  });
});
