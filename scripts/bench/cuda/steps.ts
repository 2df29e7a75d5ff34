import { scaledLinearSchedule, sdsImageGradient } from '../../../gpu-functions/diffusion/index.ts';
import {
  compile,
  gather,
  gradients,
  input,
  loop,
  mean,
  mul,
  reshape,
  slice,
  square,
  sub,
  sum,
  type Model,
  type Shape,
  type Value,
} from '../../../gpu-functions/graph/index.ts';
import { adam, adamState, adan, adanState } from '../../../gpu-functions/nn/index.ts';
import {
  collapsePyramid,
  colourOf,
  levelSizes,
  renderPlanes,
  rowsOfW,
  superResolve,
  synthesise,
  type View,
} from '../../../gpu-functions/portrait/index.ts';
import { diffusionParameters, generatorParameters, type Sizes } from './networks.ts';

type Values = Record<string, Value>;

/** What products with weights are computed in. */
export type Precision = 'float32' | 'float16';

/** Random inputs of all steps of a loop, [steps, …shape], and what one of them reads. */
function perStep(name: string, steps: number, shape: Shape, i: Value): Value {
  return reshape(gather(input(name, [steps, ...shape]), i), shape);
}

/** The tri-grid's levels, fed once. */
function levelInputs({ generator }: Sizes): Values {
  return Object.fromEntries(
    levelSizes(generator).map((side) => [
      `level${side}`,
      input(`level${side}`, [1, 3, generator.features * generator.depth, side, side]),
    ]),
  );
}

/** A view of the collapsed levels from the camera of step i. */
function viewOf(sizes: Sizes, levels: Values, ws: Value, steps: number, i: Value): View {
  const { generator, rendered } = sizes;
  const { samples, importanceSamples } = generator.rendering;
  const draws = {
    jitter: perStep('jitter', steps, [1, rendered ** 2, samples], i),
    u: perStep('u', steps, [1, rendered ** 2, importanceSamples], i),
  };
  const camera = perStep('camera', steps, [1, generator.cDim], i);
  const planes = [collapsePyramid(Object.values(levels))];
  return renderPlanes(generatorParameters(generator), generator, planes, ws, camera, draws, rendered);
}

function latentInput({ generator }: Sizes): Value {
  return input('ws', [1, rowsOfW(generator), generator.wDim]);
}

/** Families of tensors as one flat record, `family.name`. */
function flat(families: Readonly<Record<string, Values>>): Values {
  return Object.fromEntries(
    Object.entries(families).flatMap(([key, values]) =>
      Object.entries(values).map(([name, value]) => [`${key}.${name}`, value] as const),
    ),
  );
}

/**
 * Steps of an optimiser in one loop. Parameters and moments come in and go out as inputs and outputs, once a run: K steps a run share
 * what that costs.
 */
function optimised(
  name: string,
  steps: number,
  params: Values,
  kind: 'adam' | 'adan',
  loss: (params: Values, i: Value) => Value,
  precision: Precision,
): Model {
  const { step: first, ...zeros } = kind === 'adam' ? adamState(params) : adanState(params);
  const moments = Object.keys(zeros);
  const fed = Object.fromEntries(
    moments.map((key) => [
      key,
      Object.fromEntries(
        Object.entries(params).map(([part, value]) => [part, input(`${key}.${part}`, value.shape)]),
      ),
    ]),
  );
  const start: Values = { ...flat({ params, ...fed }), step: first };
  const { state, outputs } = loop(steps, start, (now, i) => {
    const family = (key: string): Values =>
      Object.fromEntries(Object.keys(params).map((part) => [part, now[`${key}.${part}`]]));
    const current = family('params');
    const value = loss(current, i);
    const found = gradients([value], Object.values(current));
    const grads = Object.fromEntries(Object.keys(current).map((part, k) => [part, found[k]]));
    const before = {
      ...Object.fromEntries(moments.map((key) => [key, family(key)])),
      step: now['step'],
    } as never;
    const apply: typeof adan = kind === 'adam' ? (adam as never) : adan;
    const { params: moved, state: after } = apply(current, grads, before, { lr: 1e-3 });
    const { step, ...rest } = after;
    return { state: { ...flat({ params: moved, ...rest }), step }, outputs: { loss: value } };
  });
  const next = Object.entries(state).map(([key, value]) => [`next.${key}`, value] as const);
  return compile({ losses: outputs.loss, ...Object.fromEntries(next) }, { name, precision });
}

/** Score distillation: render, encode, denoise in a batch of two, back to the levels, Adan. */
export function distillation(sizes: Sizes, steps: number, precision: Precision): Model {
  const { diffusion } = sizes;
  const networks = diffusionParameters(diffusion);
  const ws = latentInput(sizes);
  const { latentChannels, sampleSize } = diffusion.unet;
  const states = (name: string): Value =>
    input(name, [1, diffusion.textEncoder.maxTokens, diffusion.textEncoder.width]);
  return optimised(
    `distillation × ${steps}`,
    steps,
    levelInputs(sizes),
    'adan',
    (levels, i) => {
      const { image } = viewOf(sizes, levels, ws, steps, i);
      const { gradient } = sdsImageGradient(
        networks,
        {
          image,
          noise: perStep('noise', steps, [1, latentChannels, sampleSize, sampleSize], i),
          timesteps: reshape(gather(input('timesteps', [steps], 'int64'), i), [1]),
          positive: states('positive'),
          negative: states('negative'),
          scale: input('scale', []),
        },
        diffusion,
        scaledLinearSchedule(),
      );
      // Its derivative with respect to the picture is the distillation gradient.
      return sum(mul(image, gradient));
    },
    precision,
  );
}

/** Inversion: latents to the whole picture, squared distance to a target, Adam on W+. */
export function inversion(sizes: Sizes, steps: number, precision: Precision): Model {
  const { generator, rendered } = sizes;
  const p = generatorParameters(generator);
  return optimised(
    `inversion × ${steps}`,
    steps,
    { ws: latentInput(sizes) },
    'adam',
    ({ ws }, i) => {
      const { samples, importanceSamples } = generator.rendering;
      const draws = {
        jitter: perStep('jitter', steps, [1, rendered ** 2, samples], i),
        u: perStep('u', steps, [1, rendered ** 2, importanceSamples], i),
      };
      const camera = perStep('camera', steps, [1, generator.cDim], i);
      const { picture } = synthesise(p, generator, ws, camera, draws, rendered);
      return mean(square(sub(picture, input('target', picture.shape))));
    },
    precision,
  );
}

/** Refinement: levels to the whole picture, squared distance to a refined view, Adan on the levels. */
export function refinement(sizes: Sizes, steps: number, precision: Precision): Model {
  const { generator } = sizes;
  const p = generatorParameters(generator);
  const ws = latentInput(sizes);
  return optimised(
    `refinement × ${steps}`,
    steps,
    levelInputs(sizes),
    'adan',
    (levels, i) => {
      const view = viewOf(sizes, levels, ws, steps, i);
      const image = colourOf(p, generator, view.features, ws);
      const picture = superResolve(p.at('superresolution'), generator, image, view.features, ws);
      const target = perStep('target', steps, picture.shape, i);
      return mean(square(sub(slice(picture, 1, 0, 3), target)));
    },
    precision,
  );
}
