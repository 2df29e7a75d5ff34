import { expect, it } from 'vitest';
import { hostTensor } from '../graph/index.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { runRounds, startOf, type LoopState, type Rounds, type Tick } from './rounds.ts';

const LOOP: Rounds = { phase: 'fit', steps: 10, stepsPerRound: 3, span: [0.5, 1], activity: 'fit' };
const start = (): LoopState => new Map([['x', hostTensor(Float32Array.of(1), [1])]]);

async function growth(state: LoopState, from: number, to: number, tick: Tick): Promise<LoopState> {
  let x = state.get('x')!.data[0] as number;
  for (let step = from; step < to; step++) {
    x = x * 1.1 + step;
    tick(step + 1);
  }
  return new Map([['x', hostTensor(Float32Array.of(x), [1])]]);
}

function context(stopAt = Infinity) {
  let bytes: Uint8Array | undefined;
  const abort = new AbortController();
  const fractions: number[] = [];
  return {
    fractions,
    signal: abort.signal,
    progress: (fraction: number, detail?: { step?: number }) => {
      fractions.push(fraction);
      if (detail?.step === stopAt) abort.abort(new Error('stopped'));
    },
    checkpoint: {
      load: async () => bytes,
      save: async (next: Uint8Array) => {
        bytes = next;
      },
    },
  };
}

it('goes on after an interruption exactly as if there had been none', async () => {
  const whole = await runRounds(context(), LOOP, startOf('fit', undefined, start), growth);
  const stopped = context(8);
  await expect(runRounds(stopped, LOOP, { state: start(), step: 0 }, growth)).rejects.toThrow('stopped');
  const checkpoint = await loadCheckpoint(stopped.checkpoint);
  expect(checkpoint?.step).toBe(6);
  const resumed = await runRounds(context(), LOOP, startOf('fit', checkpoint, start), growth);
  expect(resumed).toEqual(whole);
});

it('reports its part of the progress', async () => {
  const run = context();
  await runRounds(run, LOOP, startOf('fit', undefined, start), growth);
  expect(run.fractions[0]).toBeCloseTo(0.55);
  expect(run.fractions.at(-1)).toBe(1);
});

it('starts anew at a checkpoint of another phase', () => {
  const other = { phase: 'views', step: 4, tensors: new Map() };
  expect(startOf('fit', other, start).step).toBe(0);
});
