import { describe, expect, it } from 'vitest';
import { evaluate, float32, hostTensor, input } from '../graph/index.ts';
import { storedParameters } from '../nn/index.ts';
import { slotColumns, slotOffsets, slotProbabilities, slotStates, withImplied } from './slots.ts';
import { TINY, randomWeights } from './testing.ts';
import { contextShape, textEncoder, textSlotLogits, type TextEncoderConfig } from './text-encoder.ts';

const slots = [
  { name: 'hair', values: ['brown', 'white'] },
  { name: 'glasses', values: ['none', 'round', 'oval'] },
];
const config: TextEncoderConfig = { ...TINY.textEncoder, causal: false, slots };
const windowed: TextEncoderConfig = { ...config, window: 2 };

async function statesOf(ids: number[], of = config): Promise<Float32Array> {
  const weights = randomWeights((p) => textSlotLogits(p, input('ids', [1, 5], 'int64'), of), 3);
  const states = textEncoder(storedParameters(weights), input('ids', [1, ids.length], 'int64'), of);
  const feeds = { ids: hostTensor(BigInt64Array.from(ids, BigInt), [1, ids.length]) };
  return float32((await evaluate({ states }, feeds)).states);
}

const total = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe('slots of a text', () => {
  it('have columns side by side, "unsaid" first', () => {
    expect(slotColumns(slots)).toBe(7);
    expect(slotOffsets(slots)).toEqual([0, 3]);
    expect(contextShape(config)).toEqual([2, 7]);
  });

  it('put each row of probabilities into its own columns, times √S', () => {
    const states = slotStates(slots, [
      [0, 1, 0],
      [0.5, 0, 0.25, 0.25],
    ]);
    const r = Math.SQRT2;
    expect(Array.from(states, (x) => x / r)).toEqual(
      [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0, 0.25, 0.25].map((x) => expect.closeTo(x, 6)),
    );
    expect(slotProbabilities(slots, hostTensor(states, [1, 2, 7]))).toEqual(
      [
        [0, 1, 0],
        [0.5, 0, 0.25, 0.25],
      ].map((row) => row.map((x) => expect.closeTo(x, 6))),
    );
  });

  it('take the implied value where a prompt does not say one', () => {
    const implying = [slots[0], { ...slots[1], implied: [{ values: ['none', 'oval'] }] }];
    const of = (rows: number[][]) => hostTensor(slotStates(implying, rows), [1, 2, 7]);
    const silent = withImplied(
      implying,
      of([
        [1, 0, 0],
        [0.75, 0, 0.25, 0],
      ]),
    );
    expect(float32(silent)).toEqual(
      float32(
        of([
          [1, 0, 0],
          [0, 0.375, 0.25, 0.375],
        ]),
      ),
    );
  });

  it('imply the first thing that holds by what is said, and nothing where that is nothing', () => {
    const implying = [
      { ...slots[0], implied: [{ when: { glasses: ['round', 'oval'] }, values: [] }, { values: ['white'] }] },
      slots[1],
    ];
    const hairOf = (glasses: number[]) => {
      const states = hostTensor(slotStates(implying, [[1, 0, 0], glasses]), [1, 2, 7]);
      return slotProbabilities(implying, withImplied(implying, states))[0].map((p) => Number(p.toFixed(5)));
    };
    expect(hairOf([0, 0, 0.5, 0.5])).toEqual([1, 0, 0]);
    expect(hairOf([0.6, 0, 0.4, 0])).toEqual([0, 0, 1]);
    expect(hairOf([0, 1, 0, 0])).toEqual([0, 0, 1]);
  });

  it('are read as probabilities: each row sums to √S, with nothing in the columns of others', async () => {
    const states = await statesOf([1, 5, 7, 2, 0]);
    const row = (s: number) => Array.from(states.subarray(s * 7, s * 7 + 7));
    expect(total(row(0).slice(0, 3))).toBeCloseTo(Math.SQRT2, 5);
    expect(total(row(1).slice(3))).toBeCloseTo(Math.SQRT2, 5);
    expect(total([...row(0).slice(3), ...row(1).slice(0, 3)])).toBe(0);
  });

  it.each([config, windowed])('do not depend on how far a text is padded', async (of) => {
    const short = await statesOf([1, 5, 2], of);
    const long = await statesOf([1, 5, 2, 0, 0], of);
    long.forEach((x, i) => expect(x).toBeCloseTo(short[i], 5));
  });

  it('depend on the order of words, also where it is told by the words beside each alone', async () => {
    const [one, other] = [await statesOf([1, 5, 7, 2], windowed), await statesOf([1, 7, 5, 2], windowed)];
    expect(Math.max(...one.map((x, i) => Math.abs(x - other[i])))).toBeGreaterThan(1e-4);
  });

  it('may be read from a text longer than any of training where no places are learnt', async () => {
    const long = await statesOf([1, 5, 7, 4, 9, 3, 8, 2], windowed);
    expect(total(Array.from(long.subarray(0, 3)))).toBeCloseTo(Math.SQRT2, 5);
  });
});
