import { float32, hostTensor, sizeOf } from '../graph/index.ts';
import type { HostTensor, SessionHost, SessionOptions } from '../graph/index.ts';

export type Feeds = Readonly<Record<string, HostTensor>>;

/** How a network's sessions are opened, and the threads among which its batches are shared out. */
export type LaneOptions = SessionOptions & {
  /**
   * Each lane runs its share of a batch with its share of `threads`: operators of small networks gain little from more threads, batches gain
   * all of them.
   */
  readonly lanes?: readonly SessionHost[];
};

/** How the sessions are opened that run a batch side by side, as many as there are lanes if the batch has equal shares for them. */
export function openingsOf(batch: number, { lanes, ...options }: LaneOptions): SessionOptions[] {
  if (!lanes) return [options];
  let count = Math.min(batch, lanes.length);
  while (batch % count !== 0) count--;
  const threads = Math.max(1, Math.floor((options.threads ?? 1) / count));
  return lanes.slice(0, count).map((host) => ({ ...options, host, threads }));
}

/** Feeds [N, …] as `count` equal shares, [N / count, …]. */
export function shareOut(feeds: Feeds, count: number): Feeds[] {
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, shareOf(tensor, i, count)])),
  );
}

/** The i-th of `count` equal shares of a float32 batch, in memory of its own: a thread is sent all of the memory that a tensor lies in. */
export function shareOf(tensor: HostTensor, i: number, count: number): HostTensor {
  if (count === 1) return tensor;
  const [n, ...rest] = tensor.shape;
  const length = (n / count) * sizeOf(rest);
  const share = (tensor.data as Float32Array).slice(i * length, (i + 1) * length);
  return hostTensor(share, [n / count, ...rest]);
}

/** Batches [N, …] of floats one after the other, as one of float32. */
export function joined(batches: readonly HostTensor[]): HostTensor {
  if (batches.length === 1 && batches[0].dtype === 'float32') return batches[0];
  const data = new Float32Array(batches.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  let at = 0;
  let count = 0;
  for (const batch of batches) {
    const values = float32(batch);
    data.set(values, at);
    at += values.length;
    count += batch.shape[0];
  }
  return hostTensor(data, [count, ...batches[0].shape.slice(1)]);
}
