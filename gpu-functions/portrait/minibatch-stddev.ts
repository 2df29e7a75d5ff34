import { add, concat, expand, mean, reshape, sqrt, square, sub, tile, type Value } from '../graph/index.ts';

/**
 * Append a channel that says how much the samples of a group differ: x [N, C, H, W] → [N, C + 1, H, W]. Sample m is in group m mod
 * (N / group), group being min(4, N) (StyleGAN2's minibatch standard deviation with one channel).
 */
export function minibatchStddev(x: Value, groupSize = 4): Value {
  const [n, c, height, width] = x.shape;
  const group = Math.min(groupSize, n);
  const grouped = reshape(x, [group, n / group, c, height, width]);
  const variance = mean(square(sub(grouped, mean(grouped, [0], true))), [0]);
  const deviation = mean(sqrt(add(variance, 1e-8)), [1, 2, 3]);
  const channel = tile(reshape(deviation, [n / group, 1, 1, 1]), [group, 1, 1, 1]);
  return concat([x, expand(channel, [n, 1, height, width])], 1);
}
