import { expect, it } from 'vitest';
import { constant, evaluate, float32, hostTensor } from '../../gpu-functions/graph/index.ts';
import { initialise, storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import { discriminate, equalised, withEdges } from './discriminator.ts';

it('gives a discriminator the slopes of colours, and of nothing else', async () => {
  const side = 8;
  // Channel c rises by c + 1 a row and by 10 a column.
  const planes = Array.from({ length: 4 }, (_, c) =>
    Array.from({ length: side * side }, (_, i) => (c + 1) * Math.floor(i / side) + 10 * (i % side)),
  );
  const pictures = constant(hostTensor(planes.flat(), [1, 4, side, side]));
  const out = withEdges(pictures);
  expect(out.shape).toEqual([1, 10, side - 4, side - 4]);
  const seen = float32((await evaluate({ out })).out!);
  const area = (side - 4) ** 2;
  const channel = (c: number) => [...seen.subarray(c * area, (c + 1) * area)];
  expect(channel(3).slice(0, 2)).toEqual([14, 24]);
  const slopes = [4, 5, 6, 7, 8, 9].map((c) => new Set(channel(c).map((x) => x / 6)));
  expect(slopes).toEqual([1, 2, 3, 10, 10, 10].map((slope) => new Set([slope])));
});

it('says the same with equalised weights, which are of one size', async () => {
  const pictures = constant(
    hostTensor(
      new Float32Array(2 * 3 * 32 * 32).map((_, i) => Math.sin(i)),
      [2, 3, 32, 32],
    ),
  );
  const plain = traceParameters((p) => discriminate(p, pictures, 4).real);
  const even = traceParameters((p) => discriminate(equalised(p), pictures, 4).real);
  const weights = initialise(plain, 3);
  const evened = new Map(
    even.map(({ name, shape, init }, i) => {
      const own = plain[i]!.init;
      const values = float32(weights.get(name)!);
      if (own.kind !== 'normal' || init.kind !== 'normal') return [name, hostTensor(values, shape)];
      expect(init.std).toBe(2);
      return [
        name,
        hostTensor(
          values.map((x) => (x * 2) / own.std),
          shape,
        ),
      ];
    }),
  );
  const { a, b } = await evaluate({
    a: discriminate(storedParameters(weights), pictures, 4).real,
    b: discriminate(equalised(storedParameters(evened)), pictures, 4).real,
  });
  const [said, again] = [float32(a!), float32(b!)];
  said.forEach((x, i) => expect(again[i]).toBeCloseTo(x, 4));
});
