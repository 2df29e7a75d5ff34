import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../gpu-functions/weights/index.ts';
import { encodeMp4 } from '../../gpu-functions/stages/render/files/mp4.ts';
import { markPng, markSafetensors } from '../../gpu-functions/stages/render/files/marks.ts';
import { encodeWebp } from '../../gpu-functions/stages/render/files/webp.ts';
import { encodeStl } from '../../gpu-functions/stages/render/files/stl.ts';
import {
  provenanceKey,
  provenanceOf,
  sha256Hex,
  signProvenance,
  type Portrait,
  type ProvenanceKey,
} from '../../shared/index.ts';
import { hasMark } from './read-mark.ts';
import { verifyFiles, type Finding, type KeySet } from './verify.ts';

const SIDE = 16;
const rgb = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i * 7) % 256);
const copy = (bytes: Uint8Array) => Uint8Array.from(bytes);

let plain: Uint8Array<ArrayBuffer>;
let marked: Uint8Array<ArrayBuffer>;
let key: ProvenanceKey;
let keys: KeySet;
/** The text of a `provenance.json` of files, signed. */
const manifestOf = async (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, signed = true) => {
  const listed = await Promise.all(
    [...files].map(async ([name, bytes]) => ({ name, sha256: await sha256Hex(bytes) })),
  );
  const portrait = {
    id: 'prt_1',
    model: 'a'.repeat(64),
    profile: 'mini',
    quality: 'draft',
    seed: 1,
    prompt: 'a man',
    finished_at: '2026-01-01T00:00:00.000Z',
    files: listed,
  } as unknown as Portrait;
  const manifest = await provenanceOf(portrait);
  return JSON.stringify(signed ? await signProvenance(manifest, key) : { manifest });
};
const files = () => new Map([['front.png', marked]]);
const wrong = (findings: readonly Finding[]) => findings.filter((one) => one.wrong).map(({ what }) => what);

beforeAll(async () => {
  plain = copy(
    await sharp(rgb, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toBuffer(),
  );
  marked = copy(markPng(plain));
  key = await provenanceKey(new Uint8Array(32).fill(7));
  keys = { keys: [key.jwk] };
});

describe('marks', () => {
  it('are found where each format keeps them, and nowhere else', async () => {
    const mesh = { positions: new Float32Array(9), indices: Uint32Array.of(0, 1, 2) };
    const files: Record<string, Uint8Array> = {
      'front.png': marked,
      'turntable.webp': await encodeWebp({ size: SIDE, rgb: [rgb, rgb.toReversed()] }),
      'turntable.mp4': await encodeMp4({ size: SIDE, rgb: [rgb, rgb] }),
      'trigrid.safetensors': markSafetensors(encodeSafetensors(new Map(), {})),
      'portrait.stl': encodeStl(mesh as never),
      'portrait.ply': new TextEncoder().encode(
        'ply\ncomment http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\nend_header\n',
      ),
    };
    for (const [name, bytes] of Object.entries(files))
      expect([name, hasMark(name, bytes)]).toEqual([name, true]);
    expect(hasMark('front.png', plain)).toBe(false);
    expect(hasMark('front.png', rgb)).toBe(false);
    expect(hasMark('portrait.glb', rgb)).toBe(false);
    expect(hasMark('notes.txt', rgb)).toBe(null);
  });

  it('are not read out of a chunk that was tampered with', () => {
    const changed = copy(marked);
    changed[changed.indexOf('X'.charCodeAt(0), 60) + 40] ^= 1;
    expect(hasMark('front.png', changed)).toBe(false);
  });
});

describe('files and their manifest', () => {
  it('are right as they were made', async () => {
    const findings = await verifyFiles(files(), await manifestOf(files()), keys);
    expect(wrong(findings)).toEqual([]);
    expect(findings.map(({ found }) => found).join()).toContain(`signed with the key ${key.jwk.kid}`);
  });

  it('tell a changed file, a foreign key, a changed manifest, and a signature that was left out', async () => {
    const saved = await manifestOf(files());
    const other = copy(marked);
    other[other.length - 20] ^= 1;
    expect(wrong(await verifyFiles(new Map([['front.png', other]]), saved, keys))).toEqual(['front.png']);
    const stranger = await provenanceKey(new Uint8Array(32).fill(8));
    expect(wrong(await verifyFiles(files(), saved, { keys: [stranger.jwk] }))).toEqual(['provenance.json']);
    expect(wrong(await verifyFiles(files(), saved.replace('"seed":1', '"seed":2'), keys))).toEqual([
      'provenance.json',
    ]);
    expect(wrong(await verifyFiles(files(), await manifestOf(files(), false), keys))).toEqual([
      'provenance.json',
    ]);
    expect(wrong(await verifyFiles(files(), '{}', keys))).toEqual(['provenance.json']);
  });

  it('say what was not checked', async () => {
    const text = async (saved: string | null) =>
      (await verifyFiles(files(), saved, null)).map(({ found }) => found).join('; ');
    expect(await text(null)).toContain('only the marks');
    expect(await text(await manifestOf(files(), false))).toContain('anybody may have written it');
    const signed = await manifestOf(files());
    expect(await text(signed)).toContain('--keys');
    const withKeys = (own: ProvenanceKey) => JSON.stringify({ ...JSON.parse(signed), keys: [own.jwk] });
    expect(await text(withKeys(key))).toContain('which came with it');
    expect(await text(withKeys(await provenanceKey(new Uint8Array(32).fill(8))))).toContain('NOT signed');
  });
});
