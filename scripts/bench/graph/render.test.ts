import { describe, expect, it } from 'vitest';
import { float32 } from '../../../gpu-functions/graph/index.ts';
import { PORTRAIT3D } from '../../../gpu-functions/portrait/index.ts';
import { openBackward } from './render.ts';

/** The gradient of the levels of a picture of 8², all in one row. */
async function gradient(lanes: number, chunk: number, mode: 'exact' | 'fast' = 'fast'): Promise<number[]> {
  const config = { ...PORTRAIT3D, backboneResolution: 16 };
  const opened = await openBackward({ config, size: 8, mode, lanes, chunk });
  await opened.run();
  const result = await opened.run();
  await opened.close();
  return Object.keys(result)
    .toSorted()
    .flatMap((name) => [...float32(result[name])]);
}

describe('a measured gradient', () => {
  it.each(['fast', 'exact'] as const)('is the same in lanes and chunks, in every run: %s', async (mode) => {
    const whole = await gradient(1, 64, mode);
    const most = whole.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(most).toBeGreaterThan(0);
    for (const [lanes, chunk] of [
      [2, 64],
      [1, 16],
      [2, 16],
    ]) {
      // prettier-ignore
      const parts = await gradient(lanes, chunk, mode);
      const error = parts.reduce((m, v, i) => Math.max(m, Math.abs(v - whole[i])), 0);
      expect(error / most).toBeLessThan(1e-5);
    }
  });
});
