import {
  add,
  compile,
  concat,
  conv2d,
  gradients,
  input,
  leakyRelu,
  matmul,
  mean,
  mul,
  reshape,
  rsqrt,
  square,
  sum,
  transposeLast,
  type Model,
  type Value,
} from '../../../gpu-functions/graph/index.ts';
import { adam } from '../../../gpu-functions/nn/index.ts';

/** A training step with many nodes and little work: modulated convolutions, their gradients, Adam on every parameter. */
export function trainingGraph(layers: number): Model {
  const [channels, width, side] = [4, 8, 4];
  const params: Record<string, Value> = {};
  const parameter = (name: string, shape: readonly number[]): Value => (params[name] = input(name, shape));
  const w = input('w', [2, width]);
  let x = input('x', [2, channels, side, side]);
  const heads: Value[] = [];
  for (let i = 0; i < layers; i++) {
    const kernel = parameter(`kernel${i}`, [channels, channels, 3, 3]);
    const styles = add(
      matmul(w, transposeLast(parameter(`affine${i}`, [channels, width]))),
      parameter(`style${i}`, [channels]),
    );
    const energy = sum(square(kernel), [2, 3]);
    const demodulation = rsqrt(add(matmul(square(styles), transposeLast(energy)), 1e-8));
    const each = (v: Value): Value => reshape(v, [2, channels, 1, 1]);
    const y = mul(conv2d(mul(x, each(styles)), kernel, { padding: 1 }), each(demodulation));
    x = leakyRelu(add(y, reshape(parameter(`bias${i}`, [1, channels]), [1, channels, 1, 1])));
    if (i % 6 === 5) heads.push(mean(square(x), [2, 3]));
  }
  const loss = mean(concat(heads, 1));
  const names = Object.keys(params);
  const found = gradients([loss], Object.values(params));
  const grads = Object.fromEntries(names.map((name, i) => [name, found[i]]));
  const moments = (prefix: string): Record<string, Value> =>
    Object.fromEntries(names.map((name) => [name, input(`${prefix}.${name}`, params[name].shape)]));
  const state = { m: moments('m'), v: moments('v'), step: input('step', []) };
  const next = adam(params, grads, state, { lr: 1e-3 });
  const outputs: Record<string, Value> = { loss, 'next.step': next.state.step };
  for (const name of names) {
    outputs[`next.${name}`] = next.params[name];
    outputs[`next.m.${name}`] = next.state.m[name];
    outputs[`next.v.${name}`] = next.state.v[name];
  }
  return compile(outputs, { name: 'training step' });
}
