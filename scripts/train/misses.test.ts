import { expect, test } from 'vitest';
import { Misses } from './misses.ts';

test('means are over the pixels where somebody is, of each channel, and apart for rendered and drawn pictures', () => {
  const misses = new Misses();
  const mask = Float32Array.of(1, 0);
  misses.add('rendered', mask, {
    depth: { found: Float32Array.of(1.5, 9), wanted: Float32Array.of(1, 0) },
    colour: { found: Float32Array.of(1, 5, 0, 5), wanted: Float32Array.of(0, 0, 0, 0) },
    alpha: { found: Float32Array.of(1, 0.25), wanted: Float32Array.of(1, 0), everywhere: true },
  });
  misses.add('drawn', Float32Array.of(1, 1), {
    depth: { found: Float32Array.of(2, 4), wanted: Float32Array.of(1, 2) },
  });
  expect(misses.report()).toMatch(
    /rendered {2}depth 0.5000 {2}colour 0.5000 {2}alpha 0.2500; {2}drawn {2}depth 1.5000$/,
  );
});
