import { GraphError, sameShape } from '../tensor.ts';
import { constant, makeNode, makeValue, Value } from '../value.ts';
import { elementOf } from '../tensor.ts';

/**
 * Run a body `count` times inside one ONNX Loop: the state is carried from one iteration to the next, the outputs of all iterations are
 * stacked to [count, …]. `body` is called once, with stand-ins; it may use any value from outside, and what does not depend on the
 * stand-ins is computed once, before the loop. Gradients may be taken inside the body, not through the loop.
 * @param count iterations: a number, or an int64 scalar (then the body must not have outputs: their size would be unknown)
 */
export function loop<S extends Record<string, Value>, O extends Record<string, Value>>(
  count: number | Value,
  state: S,
  body: (state: S, i: Value) => { state: S; outputs: O },
): { state: S; outputs: O } {
  const trips = typeof count === 'number' ? constant(count, 'int64') : count;
  const known = trips.node.tensor ? elementOf(trips.node.tensor, 0) : undefined;
  const scope = {};
  const local = (like: Pick<Value, 'shape' | 'dtype'>): Value =>
    makeValue('LoopLocal', [], {}, like.shape, like.dtype, { scope });
  const iteration = local({ shape: [], dtype: 'int64' });
  const keys = Object.keys(state);
  const locals = keys.map((k) => local(state[k]));
  const result = body(Object.fromEntries(keys.map((k, i) => [k, locals[i]])) as S, iteration);

  const next = keys.map((k, i) => {
    const v = result.state[k];
    if (!(v instanceof Value))
      throw new GraphError(`loop: the body gives no next value for the state '${k}'`);
    if (!sameShape(v.shape, locals[i].shape) || v.dtype !== locals[i].dtype) {
      throw new GraphError(
        `loop: the state '${k}' is ${locals[i].dtype} [${locals[i].shape.join(', ')}] but the body makes it ${v.dtype} [${v.shape.join(', ')}]`,
      );
    }
    return v;
  });
  const names = Object.keys(result.outputs);
  const outputs = names.map((k) => result.outputs[k]);
  if (known === undefined && outputs.length > 0) {
    throw new GraphError('loop: outputs need a constant count; carry what you need as state');
  }
  const node = makeNode(
    'Loop',
    [trips, null, ...keys.map((k) => state[k])],
    {},
    [...next, ...outputs.map((v) => ({ dtype: v.dtype, shape: [known ?? 0, ...v.shape] }))],
    { body: { iteration, locals, next, outputs }, scope },
  );
  return {
    state: Object.fromEntries(keys.map((k, i) => [k, node.outputs[i]])) as S,
    outputs: Object.fromEntries(names.map((k, i) => [k, node.outputs[keys.length + i]])) as O,
  };
}
