import { hostTensor, typedArray, listOf } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import { iota } from './create.ts';
import { add, cast, less, sub, where } from './elementwise.ts';
import { gatherNd } from './scatter.ts';
import { expand, reshape, transpose, unsqueeze } from './shape.ts';

/** The upper (or lower) triangle of the last two axes, from the k-th diagonal on; zeros elsewhere. */
export function trilu(x: Value, k = 0, { upper = true } = {}): Value {
  const [h, w] = x.shape.slice(-2);
  const kept = listOf(h * w, (i) => {
    const above = (i % w) - Math.floor(i / w) - k;
    return Number(upper ? above >= 0 : above <= 0);
  });
  // Where, not a product: what is cut away may be infinite.
  const zero = constant(hostTensor(typedArray([0], x.dtype), [], x.dtype));
  return where(constant(hostTensor(kept, [h, w], 'bool')), x, zero);
}

/** Turn the first `lengths[b]` elements of the time axis round for each b of the batch axis; the rest stays. */
export function reverseSequence(x: Value, lengths: Value, timeAxis: number, batchAxis: number): Value {
  const rest = [...x.shape.keys()].filter((i) => i !== timeAxis && i !== batchAxis);
  const order = [batchAxis, timeAxis, ...rest];
  const [b, t] = [x.shape[batchAxis], x.shape[timeAxis]];
  const time = expand(reshape(iota(t, 'int64'), [1, t]), [b, t]);
  const length = reshape(cast(lengths, 'int64'), [b, 1]);
  const from = where(less(time, length), sub(add(length, -1), time), time);
  const turned = gatherNd(transpose(x, order), unsqueeze(from, [2]), 1);
  return transpose(
    turned,
    order.map((_, i) => order.indexOf(i)),
  );
}
