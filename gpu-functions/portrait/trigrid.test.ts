import { describe, expect, it } from 'vitest';
import {
  add,
  constant,
  evaluate,
  float32,
  gradients,
  hostTensor,
  input,
  mean,
  mul,
  square,
  sum,
  type Value,
} from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../nn/index.ts';
import { MINI, type GeneratorConfig } from './config.ts';
import { collapsePyramid } from './collapse.ts';
import { samplePlanes, sampleTrigrid, trigridField } from './trigrid.ts';
import { renderRays, renderRaysOnce } from './volume.ts';

const [N, C, D, BOX] = [2, 2, 3, 1.2];
const random = new Random(5);

function level(size: number, n = N, features = C): Value {
  return constant(
    hostTensor(random.normals(n * 3 * features * D * size * size), [n, 3, features * D, size, size]),
  );
}

/** Uniform points of a cube, [n, m, 3]. */
function points(m: number, reach: number, n = N): Float32Array {
  return random.uniforms(n * m * 3).map((x) => (2 * x - 1) * reach);
}

/** Texel coordinate of g in [−1, 1]. */
function index(g: number, count: number): number {
  return ((g + 1) * count - 1) / 2;
}

/** Trilinear sample of one plane by loops, zeros outside. */
function sample(data: Float32Array, size: number, n: number, plane: number, c: number, at: number[]): number {
  const [x, y, z] = [index(at[0], size), index(at[1], size), index(at[2], D)];
  let total = 0;
  for (const i of [Math.floor(y), Math.floor(y) + 1]) {
    for (const j of [Math.floor(x), Math.floor(x) + 1]) {
      for (const d of [Math.floor(z), Math.floor(z) + 1]) {
        if (i < 0 || j < 0 || d < 0 || i >= size || j >= size || d >= D) continue;
        const weight = (1 - Math.abs(y - i)) * (1 - Math.abs(x - j)) * (1 - Math.abs(z - d));
        total += weight * data[(((n * 3 + plane) * C * D + c * D + d) * size + i) * size + j];
      }
    }
  }
  return total;
}

describe('tri-grid sampling', () => {
  it('interpolates every plane trilinearly and fades to zero outside', async () => {
    const [size, m] = [8, 40];
    const planes = level(size);
    const data = float32((await evaluate({ planes: mul(planes, 1) })).planes);
    const where = points(m, 0.75);
    const { out } = await evaluate({
      out: samplePlanes(planes, constant(hostTensor(where, [N, m, 3])), D, BOX),
    });
    const found = float32(out);
    for (let n = 0; n < N; n++) {
      for (let i = 0; i < m; i++) {
        const [x, y, z] = [0, 1, 2].map((k) => (where[(n * m + i) * 3 + k] * 2) / BOX);
        const projections = [[x, y, z], [x, z, y], [y, z, x]]; // prettier-ignore
        for (let q = 0; q < 3; q++) {
          for (let c = 0; c < C; c++) {
            const wanted = sample(data, size, n, q, c, projections[q]);
            expect(found[((n * m + i) * 3 + q) * C + c]).toBeCloseTo(wanted, 4);
          }
        }
      }
    }
  });

  it('sums the coarser levels without error, inside of the box and where they fade beyond it', async () => {
    const levels = [level(4), level(8), level(16), level(32)];
    const m = 3000;
    // The coarsest level fades over an eighth of the box.
    const at = constant(hostTensor(points(m, BOX * 0.7), [N, m, 3]));
    const perLevel = levels.map((planes) => sum(samplePlanes(planes, at, D, BOX), [2]));
    const found = await evaluate({
      summed: sampleTrigrid(levels, at, D, BOX),
      separate: mul(
        perLevel.reduce((a, b) => add(a, b)),
        1 / 12,
      ),
    });
    const [summed, separate] = [float32(found.summed), float32(found.separate)];
    let worst = 0;
    summed.forEach((x, i) => (worst = Math.max(worst, Math.abs(x - separate[i]))));
    expect(worst).toBeLessThan(1e-5);
    expect(separate.some((x) => x === 0) && separate.some((x) => Math.abs(x) > 0.3)).toBe(true);
  });

  it('collapses a pyramid to planes that agree exactly at the finest texel centres', async () => {
    const levels = [level(8), level(16), level(32)];
    const m = 50;
    // All three coordinates on texel centres of the finest size.
    const centres = Float32Array.from({ length: N * m * 3 }, () => {
      const i = Math.floor(random.uniform() * 32);
      return (((i + 0.5) / 32) * 2 - 1) * (BOX / 2);
    });
    const at = constant(hostTensor(centres, [N, m, 3]));
    const found = await evaluate({
      exact: sampleTrigrid(levels, at, D, BOX),
      collapsed: sampleTrigrid([collapsePyramid(levels)], at, D, BOX),
    });
    const exact = float32(found.exact);
    float32(found.collapsed).forEach((x, i) => expect(x).toBeCloseTo(exact[i], 5));
  });

  it('stays close in between even for white noise, which has the sharpest kinks', async () => {
    const levels = [level(8), level(16), level(32)];
    const m = 2000;
    const at = constant(hostTensor(points(m, 0.6), [N, m, 3]));
    const found = await evaluate({
      exact: sampleTrigrid(levels, at, D, BOX),
      collapsed: sampleTrigrid([collapsePyramid(levels)], at, D, BOX),
    });
    const [exact, collapsed] = [float32(found.exact), float32(found.collapsed)];
    const power = (f: (i: number) => number): number => exact.reduce((sum, _, i) => sum + f(i) ** 2, 0);
    expect(Math.sqrt(power((i) => exact[i] - collapsed[i]) / power((i) => exact[i]))).toBeLessThan(0.2);
  });
});

describe('rendering', () => {
  const config: GeneratorConfig = {
    ...MINI,
    features: C,
    rendering: { ...MINI.rendering, samples: 6, importanceSamples: 5 },
  };
  const [R, size] = [4, 8];
  const rays = {
    origins: constant(
      hostTensor(
        Array.from({ length: N * R * 3 }, (_, i) => [0.02, 0.01, 2.7][i % 3]),
        [N, R, 3],
      ),
    ),
    directions: constant(hostTensor(Array.from({ length: N * R * 3 }, (_, i) => [0.05 * Math.sin(i), 0.05 * Math.cos(i), -0.998][i % 3]), [N, R, 3])), // prettier-ignore
  };
  const draws = {
    jitter: constant(hostTensor(random.uniforms(N * R * 6), [N, R, 6])),
    u: constant(hostTensor(random.uniforms(N * R * 5), [N, R, 5])),
  };
  const shape = [N, 3, C * D, size, size];
  const start = random.normals(N * 3 * C * D * size * size);

  function pictureLoss(planes: Value): Value {
    const specs = traceParameters((p) => trigridField(p, config, [planes])(rays.origins));
    const p = storedParameters(initialise(specs, 2));
    const { features, weight } = renderRaysOnce(
      trigridField(p, config, [planes]),
      rays,
      draws.jitter,
      config.rendering,
    );
    return mean(mul(square(features), weight));
  }

  it('keeps identities of a batch apart', async () => {
    const planes = input('planes', shape);
    const other = start.slice();
    for (let i = start.length / 2; i < start.length; i++) other[i] += 1;
    const specs = traceParameters((p) => trigridField(p, config, [planes])(rays.origins));
    const p = storedParameters(initialise(specs, 2));
    const { features } = renderRays(trigridField(p, config, [planes]), rays, draws, config.rendering);
    const [a, b] = await Promise.all(
      [start, other].map((x) => evaluate({ features }, { planes: hostTensor(x, shape) })),
    );
    const [first, second] = [float32(a.features), float32(b.features)];
    const half = first.length / 2;
    expect(second.subarray(0, half)).toEqual(first.subarray(0, half));
    expect(second.subarray(half)).not.toEqual(first.subarray(half));
  });

  it('has the gradient of finite differences', async () => {
    const planes = input('planes', shape);
    // One pass: importance distances would move with the planes, and carry no gradient.
    const loss = pictureLoss(planes);
    const [gradient] = gradients([loss], [planes]);
    const { g } = await evaluate({ g: gradient }, { planes: hostTensor(start, shape) });
    const slope = float32(g);
    const steepest = [...slope.keys()]
      .toSorted((a, b) => Math.abs(slope[b]) - Math.abs(slope[a]))
      .slice(0, 3);
    const at = async (index: number, step: number): Promise<number> => {
      const moved = start.slice();
      moved[index] += step;
      return float32((await evaluate({ loss }, { planes: hostTensor(moved, shape) })).loss)[0];
    };
    for (const index of steepest) {
      const difference = ((await at(index, 0.02)) - (await at(index, -0.02))) / 0.04;
      expect(Math.abs(difference - slope[index]) / Math.abs(slope[index])).toBeLessThan(0.01);
    }
  });
});
