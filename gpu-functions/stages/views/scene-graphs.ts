import { add, concat, input, reshape, softplus, unsqueeze, type Value } from '../../graph/index.ts';
import type { Parameters } from '../../nn/index.ts';
import {
  collapsePyramid,
  levelSizes,
  planeChannels,
  renderDepths,
  trigridField,
  type GeneratorConfig,
  type Pyramid,
  type Rays,
} from '../../portrait/index.ts';

/** The configuration of a tri-grid whose finest level has this side: a portrait may have finer ones than the generator makes. */
export function withFinestSide(config: GeneratorConfig, side: number): GeneratorConfig {
  return { ...config, backboneResolution: side / 2 };
}

/** Levels of one portrait as graph inputs, by the names of the tri-grid file. */
export function levelInputs(config: GeneratorConfig): Record<string, Value> {
  const channels = planeChannels(config) / 3;
  return Object.fromEntries(
    levelSizes(config).map((side) => [
      `trigrids_${side}`,
      input(`trigrids_${side}`, [1, 3, channels, side, side]),
    ]),
  );
}

/** Collapsed planes `[1, 3, C·D, S, S]` as a graph input. */
export function planesInput(config: GeneratorConfig): Value {
  const side = levelSizes(config).at(-1)!;
  return input('planes', [1, 3, planeChannels(config) / 3, side, side]);
}

/** levels → `planes`. */
export function collapseGraph(config: GeneratorConfig): Record<string, Value> {
  return { planes: collapsePyramid(Object.values(levelInputs(config))) };
}

/** planes, points `[1, M, 3]` → `density` `[M]`, softplus(σ + bias), and `colour` `[M, 3]`. */
export function fieldGraph(p: Parameters, config: GeneratorConfig, points: number): Record<string, Value> {
  requireDirectColour(config);
  const { sigma, features } = trigridField(p, config, [planesInput(config)])(input('points', [1, points, 3]));
  return {
    density: reshape(softplus(add(sigma, config.rendering.densityBias)), [points]),
    colour: reshape(features, [points, 3]),
  };
}

/** Rays `[R, 3]` and depths `[R, K]` as graph inputs. */
export function rayInputs(rays: number, samples: number): { rays: Rays; depths: Value } {
  return {
    rays: { origins: input('origins', [rays, 3]), directions: input('directions', [rays, 3]) },
    depths: input('depths', [rays, samples]),
  };
}

/**
 * Premultiplied colour and alpha `[R, 4]` of rays sampled at given ascending depths `[R, K]`; also the weights
 * `[R, K−1]` of the intervals.
 */
export function shadeRays(
  p: Parameters,
  config: GeneratorConfig,
  levels: Pyramid,
  { origins, directions }: Rays,
  depths: Value,
): { colour: Value; weights: Value } {
  requireDirectColour(config);
  const [r, k] = depths.shape;
  const rays = { origins: unsqueeze(origins, [0]), directions: unsqueeze(directions, [0]) };
  const { features, weight, intervalWeights } = renderDepths(
    trigridField(p, config, levels),
    rays,
    depths,
    config.rendering,
  );
  return {
    colour: reshape(concat([features, weight], 2), [r, 4]),
    weights: reshape(intervalWeights, [r, k - 1]),
  };
}

/** planes, origins, directions, depths → `colour` `[R, 4]`. */
export function shadingGraph(
  p: Parameters,
  config: GeneratorConfig,
  rays: number,
  samples: number,
): Record<string, Value> {
  const fed = rayInputs(rays, samples);
  return { colour: shadeRays(p, config, [planesInput(config)], fed.rays, fed.depths).colour };
}

function requireDirectColour({ colourHead }: GeneratorConfig): void {
  if (colourHead !== 'direct') {
    throw new Error(
      `the stages take colours from the decoder itself, but the profile's colour head is '${colourHead}'`,
    );
  }
}
