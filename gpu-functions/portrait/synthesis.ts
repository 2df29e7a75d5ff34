import { add, constant, mul, reshape, sub, transpose, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { synthesisePyramid, type Pyramid } from './backbone.ts';
import { backgroundRows, synthesiseBackground } from './background.ts';
import type { GeneratorConfig } from './config.ts';
import { cameraRays, pixelCentres } from './rays.ts';
import { rowOfW, toRgb } from './styled-layers.ts';
import { resizePicture, superResolve } from './super-resolution.ts';
import { trigridField } from './trigrid.ts';
import { renderRays, type Draws } from './volume.ts';

/** A rendered view, side S. */
export interface View {
  /** Composited features, over the background where there is one: [N, F, S, S] */
  features: Value;
  /** Colour: [N, 3, S, S]; in [−1, 1] from a 'torgb' head, premultiplied in [0, 1] from a 'direct' one. */
  image: Value;
  /** Expected distance: [N, 1, S, S] */
  depth: Value;
  /** Σ of the rays' weights: [N, 1, S, S] */
  weight: Value;
  /** The weight widened a little, as sigmoid colours are: [N, 1, S, S] */
  mask: Value;
}

/** Rows of rays [N, S², C] as a picture [N, C, S, S]. */
export function rowsToPicture(rows: Value, size: number): Value {
  const [n, , c] = rows.shape;
  return reshape(transpose(rows, [0, 2, 1]), [n, c, size, size]);
}

/** Composited features to colour. For a 'torgb' head ws's last row styles it. Features [N, F, S, S] → [N, 3, S, S]. */
export function colourOf(p: Parameters, config: GeneratorConfig, features: Value, ws: Value): Value {
  if (config.colourHead === 'direct') return features;
  return toRgb(p.at('torgb'), features, rowOfW(ws, ws.shape[1] - 1), 3);
}

/**
 * Render tri-grids as they are, without super-resolution.
 *
 * @param levels a pyramid, or one collapsed set of planes @param ws [N, rows, wDim] @param cameras [N, 25]
 * @param draws uniform draws for size² rays @param background features behind the rays [N, F, any, any]
 */
export function renderPlanes(
  p: Parameters,
  config: GeneratorConfig,
  levels: Pyramid,
  ws: Value,
  cameras: Value,
  draws: Draws,
  size: number,
  background?: Value,
): View {
  const rays = cameraRays(cameras, constant(pixelCentres(size)));
  const rendered = renderRays(trigridField(p, config, levels), rays, draws, config.rendering);
  const weight = rowsToPicture(rendered.weight, size);
  const front = rowsToPicture(rendered.features, size);
  const features = background ? add(front, mul(sub(1, weight), resizePicture(background, size))) : front;
  return {
    features,
    image: colourOf(p, config, features, ws),
    depth: rowsToPicture(rendered.depth, size),
    weight,
    mask: sub(mul(weight, 1.002), 0.001),
  };
}

/** The whole generator on latents: tri-grid, view of side `size`, background and super-resolution where the configuration has them. */
export function synthesise(
  p: Parameters,
  config: GeneratorConfig,
  ws: Value,
  cameras: Value,
  draws: Draws,
  size: number,
): View & { levels: Pyramid; picture: Value; backdrop?: Value; backdropImage?: Value } {
  const levels = synthesisePyramid(p.at('backbone.synthesis'), config, ws);
  const backdropWs = config.background && backgroundRows(config.background, ws);
  const backdrop = backdropWs ? synthesiseBackground(p.at('bcg_synthesis'), config, backdropWs) : undefined;
  const view = renderPlanes(p, config, levels, ws, cameras, draws, size, backdrop);
  const picture = config.superResolution
    ? superResolve(p.at('superresolution'), config, view.image, view.features, ws)
    : view.image;
  if (!backdropWs || !backdrop) return { ...view, levels, picture };
  const backdropImage = colourOf(p, config, resizePicture(backdrop, size), backdropWs);
  return { ...view, levels, picture, backdrop, backdropImage };
}
