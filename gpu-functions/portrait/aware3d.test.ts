import { describe, expect, it } from 'vitest';
import {
  concat,
  conv2d,
  constant,
  evaluate,
  float32,
  hostTensor,
  leakyRelu,
  mul,
  reshape,
  slice,
  add,
  type Value,
} from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../nn/index.ts';
import { awareConvolution, awareToRgb, joinPlanes, type Planes } from './aware3d.ts';
import { affine, demodulation, noiseMap } from './styled-layers.ts';
import { upConvolution } from './conv-resample.ts';

const [N, C, S, W] = [2, 3, 5, 4];
const random = new Random(3);
const planeData = [0, 1, 2].map(() => random.normals(N * C * S * S));
const planes = planeData.map((data) => constant(hostTensor(data, [N, C, S, S]))) as unknown as Planes;
const w = constant(hostTensor(random.normals(N * W), [N, W]));

function worst(a: Float32Array, b: ArrayLike<number>): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
}

/** Style of the plane q over its joined channels: [N, 3C]. */
function joinedStyle(styles: Value, q: number): Value {
  return reshape(slice(styles, 1, 3 * C * q, 3 * C * (q + 1)), [N, 3 * C]);
}

/** P_q[i, j] of sample n, channel c. */
function at(q: number, n: number, c: number, i: number, j: number): number {
  return planeData[q][((n * C + c) * S + i) * S + j];
}

function meanOf(f: (k: number) => number): number {
  return Array.from({ length: S }, (_, k) => f(k)).reduce((a, b) => a + b) / S;
}

describe('cross-plane layers', () => {
  it('join planes as the index formulas say', async () => {
    const joined = await evaluate(Object.fromEntries(joinPlanes(planes).map((v, q) => [`p${q}`, v])));
    for (let q = 0; q < 3; q++) {
      const found = float32(joined[`p${q}`]);
      for (let n = 0; n < N; n++)
        for (let g = 0; g < 3; g++)
          for (let c = 0; c < C; c++)
            for (let i = 0; i < S; i++)
              for (let j = 0; j < S; j++) {
                // prettier-ignore
                const wanted = g === q ? at(q, n, c, i, j) : g === (q + 1) % 3 ? meanOf((k) => at(g, n, c, k, i)) : meanOf((k) => at(g, n, c, j, k)); // prettier-ignore
                expect(found[((n * 3 * C + g * C + c) * S + i) * S + j]).toBeCloseTo(wanted, 5);
              }
    }
  });

  for (const up of [1, 2] as const) {
    it(`convolve as a modulated convolution of the joined planes, up ${up}`, async () => {
      const O = 4;
      const build = (p: Parameters<typeof awareConvolution>[0]) =>
        awareConvolution(p, planes, w, { channels: O, up, noise: 'const' });
      const weights = initialise(traceParameters(build), 5);
      weights.set('noise_strength', hostTensor([0.3], []));
      weights.set('bias', hostTensor(random.normals(O), [O]));
      const p = storedParameters(weights);
      const weight = p.get('weight', [O, 3 * C, 3, 3]);
      const styles = affine(p, w, 9 * C);
      const plain = joinPlanes(planes).map((x, q) => {
        const style = joinedStyle(styles, q);
        const styled = mul(x, reshape(style, [N, 3 * C, 1, 1]));
        const y = up === 2 ? upConvolution(styled, weight) : conv2d(styled, weight, { padding: 1 });
        const demodulated = mul(y, reshape(demodulation(style, weight), [N, O, 1, 1]));
        const offset = add(noiseMap(p, up * S), reshape(p.get('bias', [O]), [1, O, 1, 1]));
        return mul(leakyRelu(add(demodulated, offset)), Math.SQRT2);
      });
      const found = await evaluate({ found: concat([...build(p)], 1), plain: concat(plain, 1) });
      expect(worst(float32(found.found), float32(found.plain))).toBeLessThan(1e-5);
    });
  }

  it('colour as a modulated pointwise convolution of the joined planes', async () => {
    const O = 2;
    const weights = initialise(
      traceParameters((p) => awareToRgb(p, planes, w, O)),
      6,
    );
    weights.set('bias', hostTensor([0.4, -1], [O]));
    const p = storedParameters(weights);
    const styles = mul(affine(p, w, 9 * C), 1 / Math.sqrt(C));
    const plain = joinPlanes(planes).map((x, q) => {
      const styled = mul(x, reshape(joinedStyle(styles, q), [N, 3 * C, 1, 1]));
      return conv2d(styled, p.get('weight', [O, 3 * C, 1, 1]), { bias: p.get('bias', [O]) });
    });
    const found = await evaluate({
      found: concat([...awareToRgb(p, planes, w, O)], 1),
      plain: concat(plain, 1),
    });
    expect(worst(float32(found.found), float32(found.plain))).toBeLessThan(1e-5);
  });
});
