import {
  abs,
  add,
  concat,
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

/** Deviation of equalised weights, in which Adam's rate is a share. */
const DEVIATION = 2;

/**
 * Weights drawn with another deviation than they have where they are used (equalised learning rate, Karras et al. 2018): a discriminator learns half as
 * fast as a network whose weights have deviation one, at the same rate.
 */
export function equalised(p: Parameters): Parameters {
  return {
    get(name, shape, init) {
      if (init?.kind !== 'normal') return p.get(name, shape, init);
      return mul(p.get(name, shape, { kind: 'normal', std: DEVIATION }), init.std / DEVIATION);
    },
    at: (prefix) => equalised(p.at(prefix)),
  };
}

/** How much neighbours' differences are raised, to be about as large as colours are. */
const EDGE_GAIN = 6;

/**
 * Pictures [N, C, H, W] with how much their first three channels change to the next pixel below and to the right, [N, C + 6, H − 4, W − 4] without the outermost
 * pixels: what is blurred differs from what is sharp in these alone, and by little beside the differences between people.
 */
export function withEdges(pictures: Value): Value {
  const [height, width] = pictures.shape.slice(2);
  const moved = (x: Value, down: number, right: number): Value =>
    slice(slice(x, 2, 1 + down, height - 3 + down), 3, 1 + right, width - 3 + right);
  const colours = slice(pictures, 1, 0, 3);
  const edges = [moved(colours, 1, 0), moved(colours, 0, 1)].map((next) =>
    mul(sub(next, moved(colours, 0, 0)), EDGE_GAIN),
  );
  return concat([moved(pictures, 0, 0), ...edges], 1);
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
