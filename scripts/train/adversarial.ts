import {
  add,
  concat,
  div,
  gradients,
  hostTensor,
  mul,
  sizeOf,
  sqrt,
  square,
  stopGradient,
  sum,
} from '../../gpu-functions/graph/index.ts';
import type { HostTensor, Shape, Value } from '../../gpu-functions/graph/index.ts';
import type { Parameters, Random, WeightMap } from '../../gpu-functions/nn/index.ts';
import { deceptionLoss, discriminate, discriminatorLoss, featureLoss, halves } from './discriminator.ts';

/** One discriminator: its parameters, where in a picture it looks, and in cells of how many pixels. */
export interface Judge {
  readonly name: string;
  readonly part: (pictures: Value) => Value;
  readonly patch: number;
}

/** A training's weights without those of its discriminators. */
export const withoutJudges = (weights: WeightMap, judges: readonly Judge[]): WeightMap =>
  new Map([...weights].filter(([name]) => judges.every((judge) => !name.startsWith(`${judge.name}.`))));

/** What discriminators are asked with. */
export interface Hearing {
  /** How much a picture is to agree with the true one pixel by pixel, [N, 1, 1, 1]. */
  readonly agreement: Value;
  /** Noise on what discriminators see, so that they do not judge by how white the white is, [1, C, H, W]. */
  readonly haze: Value;
  /** How much they are heard, from 0 to 1. */
  readonly heard: Value;
}

/** Lengths of the gradients by what each discriminator sees and by what it says, against that by pixels. */
export interface Shares {
  readonly features: number;
  readonly deception: number;
}

/**
 * Pixels, and what each discriminator sees and says, each as a gradient with respect to the pictures, which the network that drew
 * these then follows; and the discriminators' own losses, which do not reach it.
 *
 * @param drawn pictures [N, C, H, W] of the network in training
 * @param truth what they are to be, [N, C, H, W]
 * @param pixelLoss a scalar of the drawn pictures
 */
export function adversarialLoss(
  p: Parameters,
  judges: readonly Judge[],
  drawn: Value,
  truth: Value,
  pixelLoss: (made: Value) => Value,
  { agreement, haze, heard }: Hearing,
  shares: Shares,
): { loss: Value; metrics: Record<string, Value> } {
  const made = stopGradient(drawn);
  const seen = add(concat([truth, made], 0), haze);
  const pixels = pixelLoss(made);
  const gradientOf = (loss: Value) => gradients([loss], [made])[0]!;
  const byPixels = gradientOf(pixels);
  const like = (gradient: Value, share: number) =>
    mul(gradient, mul(div(norm(byPixels), add(norm(gradient), 1e-12)), mul(heard, share)));
  let direction = byPixels;
  let judging: Value | undefined;
  const metrics: Record<string, Value> = { pixels };
  for (const { name, part, patch } of judges) {
    const [real, fake] = halves(discriminate(p.at(name), part(seen), patch));
    const features = featureLoss(real, fake, agreement);
    const deception = deceptionLoss(fake);
    const own = discriminatorLoss(real, fake);
    const said = add(
      like(gradientOf(features), shares.features),
      like(gradientOf(deception), shares.deception),
    );
    direction = add(direction, said);
    judging = judging ? add(judging, own) : own;
    Object.assign(metrics, { [`${name} features`]: features, [`${name} deception`]: deception, [name]: own });
  }
  const follow = sum(mul(drawn, stopGradient(direction)));
  return { loss: judging ? add(follow, judging) : follow, metrics };
}

const norm = (x: Value): Value => sqrt(sum(square(x)));

/** Steps over which the discriminators' say grows. */
const HEARD_STEPS = 300;

/** Standard deviation of the haze. */
const HAZE = 0.06;

/** Draws a step's haze, of the shape [1, C, H, W] of what discriminators see, and how much they are heard. */
export const drawHearing = (
  random: Random,
  step: number,
  shape: Shape,
): Record<'haze' | 'heard', HostTensor> => ({
  haze: hostTensor(
    random.normals(sizeOf(shape)).map((x) => HAZE * x),
    shape,
  ),
  heard: hostTensor(Float32Array.of(Math.min(1, step / HEARD_STEPS)), []),
});
