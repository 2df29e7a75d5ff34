import {
  contextShape,
  scaledLinearSchedule,
  sdsImageGradient,
  type DiffusionConfig,
} from '../../diffusion/index.ts';
import {
  add,
  clamp,
  concat,
  gradients,
  input,
  log,
  mean,
  mul,
  neg,
  reshape,
  scatterAddRows,
  slice,
  square,
  sub,
  transpose,
  type Value,
} from '../../graph/index.ts';
import type { Parameters } from '../../nn/index.ts';
import type { GeneratorConfig } from '../../portrait/index.ts';
import { planesInput, rayInputs, shadeRays } from '../views/scene-graphs.ts';

export interface DistillNetworks {
  generator: Parameters;
  vae: Parameters;
  unet: Parameters;
}

export interface DistillSizes {
  /** Rays of a run, the padding included. */
  rays: number;
  samples: number;
  /** Side of the picture the rays belong to. */
  size: number;
}

/**
 * One view's score distillation (Portrait3D §3.3): planes → rays → picture → SDS gradient → gradient of the planes.
 *
 * Inputs: planes, origins, directions, depths; `pixels` int64 `[R]`, the place of each ray in the picture, `size²` for
 * padding; noise, timestep, positive and negative states, scale; `entropy`, the weight of the regulariser.
 * Outputs: `gradient` of the planes; `loss`, the mean square of the latent gradient.
 */
export function distillGraph(
  networks: DistillNetworks,
  generator: GeneratorConfig,
  diffusion: DiffusionConfig,
  { rays: count, samples, size }: DistillSizes,
): Record<string, Value> {
  const planes = planesInput(generator);
  const { rays, depths } = rayInputs(count, samples);
  const { colour, weights } = shadeRays(networks.generator, generator, [planes], rays, depths);
  const pixels = slice(
    scatterAddRows(size * size + 1, input('pixels', [count], 'int64'), colour),
    0,
    0,
    size * size,
  );
  const picture = reshape(transpose(pixels, [1, 0]), [1, 4, size, size]);
  const alpha = slice(picture, 1, 3, 4);
  const overWhite = add(slice(picture, 1, 0, 3), sub(1, alpha));
  const image = sub(mul(concat([overWhite, alpha], 1), 2), 1);

  const { sampleSize, latentChannels } = diffusion.unet;
  const states = (name: string) => input(name, [1, ...contextShape(diffusion.textEncoder)]);
  const { gradient, latentGradient } = sdsImageGradient(
    networks,
    {
      image,
      noise: input('noise', [1, latentChannels, sampleSize, sampleSize]),
      timesteps: input('timestep', [1], 'int64'),
      positive: states('positive'),
      negative: states('negative'),
      scale: input('scale', []),
    },
    diffusion,
    scaledLinearSchedule(),
  );
  const [towards] = gradients([image, meanEntropy(weights)], [planes], [gradient, input('entropy', [])]);
  return { gradient: towards, loss: mean(square(latentGradient)) };
}

/** Mean binary entropy in bits of the interval weights: low where rays meet one surface, not fog. */
function meanEntropy(weights: Value): Value {
  const w = clamp(weights, 1e-5, 1 - 1e-5);
  const rest = sub(1, w);
  return mul(mean(neg(add(mul(w, log(w)), mul(rest, log(rest))))), Math.LOG2E);
}
