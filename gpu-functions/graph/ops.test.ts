import { describe, expect, it } from 'vitest';
import * as g from './index.ts';
import type { Shape, Value } from './index.ts';

const numbers = (shape: Shape, f: (i: number) => number = (i) => Math.sin(1.3 * i)): g.HostTensor =>
  g.hostTensor(
    Array.from({ length: g.sizeOf(shape) }, (_, i) => f(i)),
    shape,
  );
const fixed = (shape: Shape, f?: (i: number) => number): Value => g.constant(numbers(shape, f));
const list = (...v: number[]): Value => g.constant(g.hostTensor(v, [v.length]));
const valuesOf = async (v: Value): Promise<number[]> => {
  const { y } = await g.evaluate({ y: g.cast(v, 'float32') });
  return [...g.float32(y)];
};
const expectClose = async (found: Value, wanted: Value | number[], digits = 5): Promise<void> => {
  const [a, b] = [await valuesOf(found), Array.isArray(wanted) ? wanted : await valuesOf(wanted)];
  expect(a).toHaveLength(b.length);
  for (const [i, v] of b.entries()) expect(a[i], `element ${i}`).toBeCloseTo(v, digits);
};
/** ⟨a, b⟩. */
const inner = async (a: Value, b: Value): Promise<number> => (await valuesOf(g.sum(g.mul(a, b))))[0];

describe('elementwise', () => {
  it('softplus is exact in its tails', async () => {
    await expectClose(g.softplus(list(-100, -3, 0, 3, 100)), [
      0,
      Math.log1p(Math.exp(-3)),
      Math.LN2,
      Math.log1p(Math.exp(3)),
      100,
    ]);
  });

  it('gelu is the exact one', async () => {
    await expectClose(g.gelu(list(-1, 0, 2)), [-0.158655, 0, 1.9545]);
  });

  it('leakyRelu has slope one above zero and its own below', async () => {
    const x = list(-2, -1e-3, 1e-3, 5);
    await expectClose(g.leakyRelu(x, 0.1), [-0.2, -1e-4, 1e-3, 5]);
    await expectClose(g.gradients([g.leakyRelu(x, 0.1)], [x])[0], [0.1, 0.1, 1, 1]);
  });

  it('clamp has a gradient on its bounds and none beyond', async () => {
    const x = list(-2, -1, 0, 1, 2);
    await expectClose(g.gradients([g.clamp(x, -1, 1)], [x])[0], [0, 1, 1, 1, 0]);
  });

  it('where passes no gradient to what it does not choose, even where the cotangent is infinite', async () => {
    const [x, z] = [list(1, 4), list(2, 3)];
    const y = g.where(g.greater(x, 2), x, z);
    const cotangent = list(1, Number.POSITIVE_INFINITY);
    await expectClose(g.gradients([y], [z], [cotangent])[0], [1, 0]);
  });

  it('does not mix element types', () => {
    expect(() => g.add(list(1), g.ints([1]))).toThrow('float32 and int64 do not mix');
    expect(() => g.add(list(1, 2), list(1, 2, 3))).toThrow('[2] and [3] do not broadcast');
  });
});

describe('shape', () => {
  it('depthToSpace takes the block from the channel’s last part, spaceToDepth undoes it', async () => {
    const x = fixed([1, 8, 1, 2], (i) => i);
    const y = g.depthToSpace(x, 2);
    expect(y.shape).toEqual([1, 2, 2, 4]);
    await expectClose(y, [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15]);
    await expectClose(g.spaceToDepth(y, 2), x);
    const big = fixed([2, 18, 3, 2]);
    await expectClose(g.spaceToDepth(g.depthToSpace(big, 3), 3), big);
  });

  it('slices count from the end, step, and stop at it', async () => {
    const x = list(0, 1, 2, 3, 4, 5, 6);
    await expectClose(g.slice(x, 0, -3, 99), [4, 5, 6]);
    await expectClose(g.slice(x, 0, 1, 7, 2), [1, 3, 5]);
    await expectClose(g.flip(x, [0]), [6, 5, 4, 3, 2, 1, 0]);
    expect(() => g.slice(x, 1, 0, 2)).toThrow('no axis 1');
  });

  it('tile repeats whole axes', async () => {
    await expectClose(
      g.tile(
        fixed([1, 2], (i) => i),
        [2, 2],
      ),
      [0, 1, 0, 1, 0, 1, 0, 1],
    );
  });

  it('reshape finds the open dimension and refuses what does not fit', () => {
    expect(g.reshape(fixed([2, 6]), [3, -1]).shape).toEqual([3, 4]);
    expect(() => g.reshape(fixed([2, 6]), [5, -1])).toThrow('does not fit');
    expect(() => g.transpose(fixed([2, 6]), [0, 0])).toThrow('no permutation');
  });
});

describe('reductions', () => {
  it('cumsum runs either way, with or without the element itself', async () => {
    const x = list(1, 2, 3);
    await expectClose(g.cumsum(x, 0), [1, 3, 6]);
    await expectClose(g.cumsum(x, 0, { exclusive: true }), [0, 1, 3]);
    await expectClose(g.cumsum(x, 0, { reverse: true }), [6, 5, 3]);
  });

  it('equal maxima share the gradient', async () => {
    const x = list(1, 3, 3, 2);
    await expectClose(g.gradients([g.reduceMax(x)], [x])[0], [0, 0.5, 0.5, 0]);
  });

  it('topK sorts and tells places', async () => {
    const { values, indices } = g.topK(list(3, 1, 2), 2, 0);
    await expectClose(values, [3, 2]);
    await expectClose(indices, [0, 2]);
  });
});

describe('resampling', () => {
  it('linear resizing is that of half-pixel centres with clamped edges', async () => {
    await expectClose(
      g.resize2d(
        fixed([1, 1, 1, 2], (i) => 4 * i),
        [1, 4],
        { mode: 'linear' },
      ),
      [0, 1, 3, 4],
    );
    const x = fixed([2, 3, 5, 4]);
    for (const size of [
      [10, 8],
      [5, 9],
      [3, 2],
    ] as const) {
      const exact = g.resize2d(g.cast(x, 'float64'), size, { mode: 'linear' });
      await expectClose(g.resize2d(x, size, { mode: 'linear' }), exact);
    }
  });

  it('nearest resizing repeats pixels', async () => {
    await expectClose(
      g.upsampleNearest2d(
        fixed([1, 1, 1, 2], (i) => i),
        2,
      ),
      [0, 0, 1, 1, 0, 0, 1, 1],
    );
    await expectClose(
      g.resize2d(
        fixed([1, 1, 1, 2], (i) => i),
        [1, 3],
        { mode: 'nearest' },
      ),
      [0, 1, 1],
    );
  });

  it('upsampling and its gradient are adjoint', async () => {
    const x = fixed([1, 2, 3, 3]);
    for (const up of [g.upsampleNearest2d(x, 2), g.resize2d(x, [6, 6], { mode: 'linear' })]) {
      const y = fixed([1, 2, 6, 6], (i) => Math.cos(i));
      expect(await inner(up, y)).toBeCloseTo(await inner(x, g.gradients([up], [x], [y])[0]), 4);
    }
  });
});

describe('convolution', () => {
  it('correlates', async () => {
    const x = fixed([1, 1, 2, 3], (i) => i);
    const y = g.conv2d(
      x,
      fixed([1, 1, 1, 2], (i) => i + 1),
      { bias: list(10) },
    );
    await expectClose(y, [12, 15, 21, 24]);
  });

  it('transposed is the adjoint of plain', async () => {
    const x = fixed([2, 3, 7, 6]);
    const w = fixed([4, 3, 3, 3], (i) => Math.cos(i));
    const y = g.conv2d(x, w, { stride: 2, padding: 1 });
    const z = fixed(y.shape, (i) => Math.sin(i * i));
    const back = g.convTranspose2d(z, w, { stride: 2, padding: 1, outputPadding: [0, 1] });
    expect(back.shape).toEqual(x.shape);
    expect(await inner(y, z)).toBeCloseTo(await inner(x, back), 3);
  });

  it('refuses channels that do not fit', () => {
    expect(() => g.conv2d(fixed([1, 3, 4, 4]), fixed([2, 4, 3, 3]))).toThrow('conv2d: images [1, 3, 4, 4]');
  });
});

describe('dense', () => {
  it('adds its bias to every row of the product with the transposed weight', async () => {
    const [x, weight] = [fixed([2, 3], (i) => i), fixed([2, 3], (i) => (i === 1 || i === 5 ? 1 : 0))];
    await expectClose(g.dense(x, weight, list(10, 20)), [11, 22, 14, 25]);
  });

  it('refuses a bias that would stretch the result', () => {
    expect(() => g.dense(fixed([2, 3]), fixed([1, 3]), fixed([4]))).toThrow(
      'the bias is float32 [4], not float32 [1]',
    );
  });
});

describe('normalisation', () => {
  it('groupNorm gives every group mean 0 and variance 1, float32 as float64', async () => {
    const x = fixed([2, 4, 3, 3]);
    const wide = g.groupNorm(g.cast(x, 'float64'), 2, null, null);
    await expectClose(g.groupNorm(x, 2, null, null), wide, 4);
    const groups = g.reshape(wide, [4, 18]);
    await expectClose(g.mean(groups, [1]), [0, 0, 0, 0]);
    await expectClose(g.mean(g.square(groups), [1]), [1, 1, 1, 1], 3);
  });

  it('groupNorm scales and shifts channels, layerNorm elements, float32 as float64', async () => {
    const x = fixed([2, 4, 3, 5]);
    const [scale, bias] = [fixed([4]), fixed([4], Math.cos)];
    const wide = [x, scale, bias].map((v) => g.cast(v, 'float64'));
    await expectClose(g.groupNorm(x, 2, scale, bias), g.groupNorm(wide[0], 2, wide[1], wide[2]));
    const one = fixed([5], () => 1);
    await expectClose(
      g.layerNorm(x, null, null),
      g.layerNorm(
        x,
        one,
        fixed([5], () => 0),
      ),
    );
  });

  it('softmax sums to one, logSoftmax is its logarithm', async () => {
    const x = fixed([2, 5]);
    await expectClose(g.sum(g.softmax(x), [1]), [1, 1]);
    await expectClose(g.exp(g.logSoftmax(x)), g.softmax(x));
  });
});

describe('indexing', () => {
  it('gathers along any axis, scatters what it gathered', async () => {
    const x = fixed([2, 3], (i) => i);
    await expectClose(g.gather(x, g.ints([2, 0]), 1), [2, 0, 5, 3]);
    await expectClose(g.gatherElements(x, g.reshape(g.ints([2, 1]), [2, 1]), 1), [2, 4]);
    await expectClose(
      g.scatterAddRows(
        3,
        g.ints([1, 1, 0]),
        fixed([3, 2], (i) => i),
      ),
      [4, 5, 2, 4, 0, 0],
    );
    expect(() => g.gather(x, fixed([1]))).toThrow('the indices are float32');
  });
});
