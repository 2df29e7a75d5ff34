import { describe, expect, it } from 'vitest';
import { constant, evaluate, float32, hostTensor, sum } from '../graph/index.ts';
import { Random } from '../nn/index.ts';
import { importanceDepths } from './importance.ts';
import { composite, expectedDepth, intervalWeights, sampleShares } from './ray-marcher.ts';

const [R, K, F] = [5, 7, 2];
const random = new Random(11);
const depths = Float32Array.from({ length: R * K }, (_, i) => 2 + 0.1 * (i % K) + 0.08 * random.uniform());
const density = random.normals(R * K, 8);
density.fill(-1000, 0, K);
const colours = random.normals(R * K * F);

const t = constant(hostTensor(depths, [R, K]));
const sigma = constant(hostTensor(density, [R, K]));

/** The marcher as loops over one ray. */
function march(r: number): { weights: number[]; colour: number[]; total: number; depth: number } {
  const at = (x: Float32Array, i: number): number => x[r * K + i];
  const weights: number[] = [];
  const colour = Array.from({ length: F }, () => 0);
  let [passed, total, depth] = [1, 0, 0];
  for (let i = 0; i + 1 < K; i++) {
    const middle = (at(density, i) + at(density, i + 1)) / 2 - 1;
    const alpha = 1 - Math.exp(-Math.log1p(Math.exp(middle)) * (at(depths, i + 1) - at(depths, i)));
    const w = alpha * passed;
    passed *= 1 - alpha + 1e-10;
    weights.push(w);
    total += w;
    depth += (w * (at(depths, i) + at(depths, i + 1))) / 2;
    for (let f = 0; f < F; f++) {
      colour[f] += (w * (colours[(r * K + i) * F + f] + colours[(r * K + i + 1) * F + f])) / 2;
    }
  }
  return { weights, colour, total, depth: total > 0 ? depth / total : Math.max(...depths) };
}

describe('ray marcher', () => {
  it('gives the weights, colours and depths of the plain loops', async () => {
    const weights = intervalWeights(t, sigma, -1);
    const colour = composite(sampleShares(weights), constant(hostTensor(colours, [R, K, F])));
    const depth = expectedDepth(t, weights, sum(weights, [1], true));
    const found = await evaluate({ weights, colour, depth });
    for (let r = 0; r < R; r++) {
      const wanted = march(r);
      wanted.weights.forEach((w, i) => expect(float32(found.weights)[r * (K - 1) + i]).toBeCloseTo(w, 6));
      wanted.colour.forEach((c, f) => expect(float32(found.colour)[r * F + f]).toBeCloseTo(c, 5));
      expect(float32(found.depth)[r]).toBeCloseTo(wanted.depth, 5);
    }
  });

  it('calls empty space transparent and as far as anything in the call', async () => {
    const weights = intervalWeights(t, sigma, -1);
    const total = sum(weights, [1], true);
    const found = await evaluate({ total, depth: expectedDepth(t, weights, total) });
    expect(float32(found.total)[0]).toBe(0);
    expect(float32(found.depth)[0]).toBeCloseTo(Math.max(...depths), 6);
  });
});

describe('importance sampling', () => {
  it('puts most samples where the weight is, in proportion to the inverted distribution', async () => {
    const steps = Float32Array.from({ length: 32 }, (_, i) => 2 + i / 31);
    const peaked = new Float32Array(31).fill(0);
    peaked[20] = 1;
    const u = Float32Array.from({ length: 200 }, (_, i) => (i + 0.5) / 200);
    const drawn = importanceDepths(
      constant(hostTensor(steps, [1, 32])),
      constant(hostTensor(peaked, [1, 31])),
      constant(hostTensor(u, [1, 200])),
    );
    const found = float32((await evaluate({ drawn })).drawn);
    const near = found.filter((x) => Math.abs(x - 2 - 20.5 / 31) < 2.1 / 31).length;
    expect(near).toBeGreaterThan(150);
    expect(found.every((x, i) => i === 0 || x >= found[i - 1])).toBe(true);
  });
});
