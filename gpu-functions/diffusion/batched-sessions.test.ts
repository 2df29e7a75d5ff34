import { afterAll, expect, it } from 'vitest';
import { SessionHost, compile, float32, hostTensor, input, mul, square, sum } from '../graph/index.ts';
import { BatchedSessions } from './batched-sessions.ts';

const hosts = [new SessionHost(), new SessionHost()];
const built: number[] = [];
const sessions = new BatchedSessions(
  (n) => {
    built.push(n);
    const x = input('x', [n, 3]);
    return compile({ output: mul(square(x), sum(x, [1], true)) });
  },
  { lanes: hosts, threads: 2 },
);
afterAll(async () => {
  await sessions.close();
  await Promise.all(hosts.map((host) => host.end()));
});

const run = async (n: number) => {
  const x = Float32Array.from({ length: 3 * n }, (_, i) => i % 7);
  const wanted = x.map((value, i) => {
    const row = 3 * Math.floor(i / 3);
    return value ** 2 * (x[row] + x[row + 1] + x[row + 2]);
  });
  expect(await sessions.run(n, { x: hostTensor(x, [n, 3]) })).toEqual(hostTensor(wanted, [n, 3]));
};

it('computes batches in equal shares side by side, or whole where there are none, and opens each size once', async () => {
  for (const n of [4, 3, 4, 3]) await run(n);
  expect(built).toEqual([2, 3]);
});

it('opens again what was closed', async () => {
  await sessions.close();
  await run(4);
  expect(float32(await sessions.run(1, { x: hostTensor([1, 0, 0], [1, 3]) }))).toEqual(
    Float32Array.of(1, 0, 0),
  );
});
