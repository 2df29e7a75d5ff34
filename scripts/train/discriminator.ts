import {
  abs,
  add,
  conv2d,
  div,
  leakyRelu,
  mean,
  mul,
  slice,
  spaceToDepth,
  square,
  stopGradient,
  sub,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import type { Parameters } from '../../gpu-functions/nn/index.ts';

/** Channels and strides of the layers that follow. */
const LAYERS = [
  [48, 1],
  [64, 2],
  [96, 1],
  [128, 2],
  [128, 1],
] as const;

function conv(p: Parameters, x: Value, channels: number, stride = 1): Value {
  const fanIn = x.shape[1] * 9;
  const weight = p.get('weight', [channels, x.shape[1], 3, 3], { kind: 'normal', std: Math.sqrt(2 / fanIn) });
  const bias = p.get('bias', [channels], { kind: 'zeros' });
  return conv2d(x, weight, { bias, stride, padding: 1 });
}

/** Weights drawn with deviation one and scaled where they are used (equalised learning rate, Karras et al. 2018), for those who learn beside such ones. */
export function equalised(p: Parameters): Parameters {
  return {
    get(name, shape, init) {
      if (init?.kind !== 'normal') return p.get(name, shape, init);
      return mul(p.get(name, shape, { kind: 'normal', std: 1 }), init.std);
    },
    at: (prefix) => equalised(p.at(prefix)),
  };
}

/** What a discriminator says of pictures: what its layers saw, and how real each region looks, [N, 1, s, s]. */
export interface Opinion {
  readonly features: readonly Value[];
  readonly real: Value;
}

/** A convolutional discriminator of regions (Isola et al. 2017), pictures [N, C, H, W] in [−1, 1], looked at in cells of `patch`² pixels. */
export function discriminate(p: Parameters, pictures: Value, patch: number): Opinion {
  const features: Value[] = [];
  let h = spaceToDepth(pictures, patch);
  for (const [i, [channels, stride]] of LAYERS.entries()) {
    h = leakyRelu(conv(p.at(`layers.${i}`), h, channels, stride));
    features.push(h);
  }
  return { features, real: conv(p.at('out'), h, 1) };
}

/** The first and the second half of a batch. */
export function halves({ features, real }: Opinion): [Opinion, Opinion] {
  const n = real.shape[0] / 2;
  const part = (from: number): Opinion => ({
    features: features.map((f) => slice(f, 0, from, from + n)),
    real: slice(real, 0, from, from + n),
  });
  return [part(0), part(n)];
}

/** Least squares (Mao et al. 2017): what is real is to be told 1, what is made 0. */
export function discriminatorLoss(truth: Opinion, made: Opinion): Value {
  const told = (opinion: Opinion, as: number) => mean(square(sub(opinion.real, as)));
  return add(told(truth, 1), told(made, 0));
}

/** How far what is made is from being told real. */
export function deceptionLoss(made: Opinion): Value {
  return mean(square(sub(made.real, 1)));
}

/** Mean distance of what the layers see in pictures and their truths (Wang et al. 2018), as a share of what they see; weights [N, 1, 1, 1]. */
export function featureLoss(truth: Opinion, made: Opinion, weights: Value): Value {
  const terms = truth.features.map((seen, i) => {
    const target = stopGradient(seen);
    const distance = mean(mul(abs(sub(made.features[i], target)), weights));
    return div(distance, add(mean(abs(target)), 1e-6));
  });
  return mul(
    terms.reduce((sum, term) => add(sum, term)),
    1 / terms.length,
  );
}
