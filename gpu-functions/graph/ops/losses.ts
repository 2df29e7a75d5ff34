import type { Value } from '../value.ts';
import { ones } from './create.ts';
import { div, equal, mul, neg, where } from './elementwise.ts';
import { gather, gatherElements } from './indexing.ts';
import { mean, sum } from './reduce.ts';
import { reshape, unsqueeze } from './shape.ts';

export interface LikelihoodOptions {
  /** Of each class, [C]. */
  readonly weights?: Value;
  /** Places with this label do not count. */
  readonly ignore?: number;
  readonly reduction?: 'none' | 'sum' | 'mean';
}

/** −weight · log-probability of the labels [N, …] under logs [N, C, …]; the mean is that over the weights that count. */
export function negativeLogLikelihood(logs: Value, labels: Value, options: LikelihoodOptions = {}): Value {
  const { weights, ignore, reduction = 'mean' } = options;
  const ignored = ignore === undefined ? undefined : equal(labels, ignore);
  const chosen = ignored ? where(ignored, 0, labels) : labels;
  const picked = reshape(gatherElements(logs, unsqueeze(chosen, [1]), 1), labels.shape);
  let shares: Value | undefined = weights && gather(weights, chosen);
  if (ignored) shares = where(ignored, 0, shares ?? ones(labels.shape, logs.dtype));
  const losses = neg(shares ? mul(picked, shares) : picked);
  if (reduction === 'none') return losses;
  if (reduction === 'sum') return sum(losses);
  return shares ? div(sum(losses), sum(shares)) : mean(losses);
}
