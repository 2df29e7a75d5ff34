import * as z from 'zod';
import {
  canonicalJson,
  provenanceSchema,
  sha256Hex,
  verifyProvenance,
  type Provenance,
} from '../../shared/index.ts';
import { hasMark } from './read-mark.ts';

/** A JSON Web Key Set of Ed25519 keys, as `/.well-known/provenance-keys.json` has it. */
export const keySetSchema = () => z.object({ keys: z.array(z.object({ kid: z.string(), x: z.string() })) });
export type KeySet = z.output<ReturnType<typeof keySetSchema>>;

/** What `provenance.json` holds: a manifest, its signature where the service signs, and the keys that came with it. */
const savedSchema = () =>
  z.object({
    manifest: provenanceSchema(),
    jws: z.string().nullish(),
    keys: keySetSchema().shape.keys.nullish(),
  });
type Saved = z.output<ReturnType<typeof savedSchema>>;

/** One line of the answer: what was looked at, and what is wrong with it, or null. */
export interface Finding {
  what: string;
  found: string;
  wrong: boolean;
}

/**
 * What files and their manifest say of where they come from.
 *
 * @param files name and bytes
 * @param saved text of the `provenance.json` beside them; null where there is none
 * @param keys those of the service; null where nobody named any
 */
export async function verifyFiles(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  saved: string | null,
  keys: KeySet | null,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let manifest: Provenance | null = null;
  if (saved === null)
    findings.push({
      what: 'provenance.json',
      found: 'there is none: only the marks can be checked',
      wrong: false,
    });
  else {
    const parsed = savedSchema().safeParse(parseJson(saved));
    if (parsed.success) {
      manifest = parsed.data.manifest;
      findings.push(await signatureOf(parsed.data, keys));
    } else findings.push({ what: 'provenance.json', found: 'is no manifest', wrong: true });
  }
  const hashes = new Map(manifest?.assertions[1].data.files.map(({ name, hash }) => [name, hash]));
  for (const [name, bytes] of files) {
    const hash = hashes.get(name);
    const mark = hasMark(name, bytes);
    const known = hash === undefined ? null : hash === (await sha256Hex(bytes));
    const said = [
      mark === null ? 'no kind that is marked' : mark ? 'marked as made by AI' : 'NOT marked',
      manifest &&
        (known === null ? 'not in the manifest' : known ? 'as in the manifest' : 'NOT as in the manifest'),
    ];
    findings.push({
      what: name,
      found: said.filter(Boolean).join(', '),
      wrong: mark === false || known === false,
    });
    hashes.delete(name);
  }
  for (const name of hashes.keys())
    findings.push({ what: name, found: 'in the manifest, and not here', wrong: false });
  return findings;
}

async function signatureOf({ manifest, jws, keys: own }: Saved, keys: KeySet | null): Promise<Finding> {
  const what = 'provenance.json';
  if (!jws)
    return {
      what,
      found: keys ? 'NOT signed' : 'not signed: anybody may have written it',
      wrong: keys !== null,
    };
  const trusted = keys?.keys ?? own;
  if (!trusted)
    return { what, found: 'signed; name the keys of the service with --keys to check by whom', wrong: false };
  const header = parseJson(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as {
    kid?: string;
  } | null;
  const key = trusted.find(({ kid }) => kid === header?.kid);
  if (!key) return { what, found: 'NOT signed with any of the keys', wrong: true };
  const signed = await verifyProvenance(jws, key);
  if (signed === null || canonicalJson(signed) !== canonicalJson(manifest))
    return { what, found: 'its signature does NOT fit', wrong: true };
  const whose = keys
    ? ''
    : ', which came with it: name the keys of the service with --keys to know whose it is';
  return { what, found: `signed with the key ${key.kid}${whose}`, wrong: false };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
