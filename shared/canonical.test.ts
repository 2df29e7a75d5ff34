import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from './canonical.ts';

describe('canonical JSON', () => {
  it('does not depend on the order in which members were written', () => {
    expect(canonicalJson({ b: [1, { y: null, x: 'é' }], a: 0.1 })).toBe(
      '{"a":0.1,"b":[1,{"x":"é","y":null}]}',
    );
    expect(canonicalJson({ a: 0.1, b: [1, { x: 'é', y: null }] })).toBe(
      '{"a":0.1,"b":[1,{"x":"é","y":null}]}',
    );
  });

  it('leaves out members that are undefined, as JSON does', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
    expect(() => canonicalJson(() => 1)).toThrow(TypeError);
  });

  it('hashes as SHA-256 does', async () => {
    expect(await sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
