import { add, matmul, mul, reshape, softmax, transpose } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';

/**
 * Scaled dot-product attention over several heads: softmax(QKᵀ/√d + mask)·V.
 * @param q [N, T, C]
 * @param k [N, S, C]
 * @param v [N, S, C]
 * @param mask added to the logits, broadcast to [N, heads, T, S]
 * @returns [N, T, C]
 */
export function multiHeadAttention(q: Value, k: Value, v: Value, heads: number, mask?: Value): Value {
  const [n, t, c] = q.shape;
  const s = k.shape[1];
  const d = c / heads;
  const split = (x: Value, length: number): Value => reshape(x, [n, length, heads, d]);
  const query = transpose(split(mul(q, 1 / Math.sqrt(d)), t), [0, 2, 1, 3]);
  const key = transpose(split(k, s), [0, 2, 3, 1]);
  const value = transpose(split(v, s), [0, 2, 1, 3]);
  const logits = matmul(query, key);
  const weights = softmax(mask ? add(logits, mask) : logits, -1);
  return reshape(transpose(matmul(weights, value), [0, 2, 1, 3]), [n, t, c]);
}
