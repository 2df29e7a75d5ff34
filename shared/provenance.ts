import * as z from 'zod';
import { lazily } from './lazily.ts';
import { canonicalJson, sha256Hex } from './canonical.ts';
import type { Portrait } from './portrait-resource.ts';
import { sha256Schema } from './stages.ts';

/** IPTC's term for media made by a trained model, as C2PA uses it. */
const DIGITAL_SOURCE_TYPE = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia' as const;

/**
 * Where a portrait comes from, with the assertions and labels of a C2PA claim (`c2pa.actions.v2`, `c2pa.hash.data`),
 * as JSON. It names what made it and the hash of every file; of the prompt only the hash.
 */
export const provenanceSchema = lazily(() =>
  z
    .object({
      claim_generator: z.string(),
      instance_id: z.string(),
      assertions: z.tuple([
        z.object({
          label: z.literal('c2pa.actions.v2'),
          data: z.object({
            actions: z.array(
              z.object({
                action: z.literal('c2pa.created'),
                when: z.iso.datetime(),
                digitalSourceType: z.literal(DIGITAL_SOURCE_TYPE),
                softwareAgent: z.object({ name: z.string() }),
                parameters: z.object({
                  model: z.string(),
                  profile: z.string(),
                  quality: z.string(),
                  seed: z.int(),
                  prompt_sha256: sha256Schema(),
                }),
              }),
            ),
          }),
        }),
        z.object({
          label: z.literal('c2pa.hash.data'),
          data: z.object({
            alg: z.literal('sha256'),
            files: z.array(z.object({ name: z.string(), hash: sha256Schema() })),
          }),
        }),
      ]),
    })
    .meta({ id: 'Provenance' }),
);
export type Provenance = z.output<ReturnType<typeof provenanceSchema>>;

/** A provenance with its signature: a compact JWS (EdDSA, RFC 8037) of its canonical JSON. */
export const signedProvenanceSchema = lazily(() =>
  z
    .object({ object: z.literal('provenance'), manifest: provenanceSchema(), jws: z.string() })
    .meta({ id: 'SignedProvenance' }),
);
export type SignedProvenance = z.output<ReturnType<typeof signedProvenanceSchema>>;

/** The provenance of a finished portrait. @throws Error for one that is not finished. */
export async function provenanceOf(portrait: Portrait): Promise<Provenance> {
  const { id, model, profile, quality, seed, prompt, finished_at, files } = portrait;
  if (model === null || finished_at === null) throw new Error(`${id} is not finished`);
  const action = {
    action: 'c2pa.created' as const,
    when: finished_at,
    digitalSourceType: DIGITAL_SOURCE_TYPE,
    softwareAgent: { name: 'Portrait3D' },
    parameters: { model, profile, quality, seed, prompt_sha256: await sha256Hex(prompt) },
  };
  return {
    claim_generator: 'portrait3d-service/1',
    instance_id: id,
    assertions: [
      { label: 'c2pa.actions.v2', data: { actions: [action] } },
      {
        label: 'c2pa.hash.data',
        data: { alg: 'sha256', files: files.map(({ name, sha256 }) => ({ name, hash: sha256 })) },
      },
    ],
  };
}

const encoder = new TextEncoder();

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  );
}

/** An Ed25519 key pair: the private key, and the public one as JWK with its thumbprint as `kid`. */
export interface ProvenanceKey {
  privateKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
  jwk: { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; use: 'sig'; alg: 'EdDSA' };
}

/** PKCS #8 of an Ed25519 private key (RFC 8410), before its 32 bytes. */
const PKCS8 = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);

/** The key pair of a seed of 32 bytes. */
export async function provenanceKey(seed: Uint8Array): Promise<ProvenanceKey> {
  const pkcs8 = new Uint8Array([...PKCS8, ...seed]);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, true, ['sign']);
  const { x } = (await crypto.subtle.exportKey('jwk', privateKey)) as { x: string };
  const thumbprint = canonicalJson({ crv: 'Ed25519', kty: 'OKP', x });
  const kid = base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(thumbprint))));
  return { privateKey, jwk: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' } };
}

/** Signs a provenance. */
export async function signProvenance(manifest: Provenance, key: ProvenanceKey): Promise<SignedProvenance> {
  const header = { alg: 'EdDSA', kid: key.jwk.kid, typ: 'JWT' };
  const parts = [header, manifest].map((part) => base64url(encoder.encode(canonicalJson(part))));
  const signature = await crypto.subtle.sign('Ed25519', key.privateKey, encoder.encode(parts.join('.')));
  return { object: 'provenance', manifest, jws: [...parts, base64url(new Uint8Array(signature))].join('.') };
}

/** The provenance that a compact JWS holds, where this key signed it; null otherwise. */
export async function verifyProvenance(
  jws: string,
  { x }: Pick<ProvenanceKey['jwk'], 'x'>,
): Promise<Provenance | null> {
  const [header, payload, signature, ...rest] = jws.split('.');
  if (!header || !payload || !signature || rest.length > 0) return null;
  const key = await crypto.subtle.importKey('raw', fromBase64url(x), { name: 'Ed25519' }, false, ['verify']);
  const signed = encoder.encode(`${header}.${payload}`);
  if (!(await crypto.subtle.verify('Ed25519', key, fromBase64url(signature), signed))) return null;
  const manifest: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(payload)));
  return provenanceSchema().safeParse(manifest).data ?? null;
}
