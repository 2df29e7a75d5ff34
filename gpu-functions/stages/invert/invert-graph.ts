import {
  add,
  concat,
  constant,
  cos,
  gradients,
  hostTensor,
  input,
  mean,
  mul,
  neg,
  reshape,
  sin,
  slice,
  square,
  squeeze,
  sub,
  zerosLike,
  type Value,
} from '../../graph/index.ts';
import { adam, type AdamState, type Parameters } from '../../nn/index.ts';
import {
  broadcastLatent,
  cameraRays,
  collapsePyramid,
  encodeWithDetail,
  levelSizes,
  pinhole,
  rowsOfW,
  synthesisePyramid,
  type CameraConfig,
  type EncoderConfig,
  type GeneratorConfig,
  type Pyramid,
  type Rays,
} from '../../portrait/index.ts';
import { fitGraph, type FitWeights } from '../views/fit-graph.ts';

/** Numbers that move the camera: azimuth, elevation (radians), and how far it looks past its target along x and y. */
export const CAMERA_NUMBERS = 4;

/** image `[1, 4, S, S]` in [−1, 1] → `ws` `[1, rows, wDim]`, and where the encoder draws it `detail`, a finer level. */
export function encodeGraph(
  p: Parameters,
  encoder: EncoderConfig,
  generator: GeneratorConfig,
): Record<string, Value> {
  const image = input('image', [1, 4, encoder.imageSize, encoder.imageSize]);
  const { w, detail } = encodeWithDetail(p, encoder, generator, image);
  return { ws: broadcastLatent(w, rowsOfW(generator)), ...(detail && { detail }) };
}

function pyramidOf(p: Parameters, config: GeneratorConfig, ws: Value): Pyramid {
  return synthesisePyramid(p.at('backbone.synthesis'), config, ws);
}

function latentInput(name: string, config: GeneratorConfig): Value {
  return input(name, [1, rowsOfW(config), config.wDim]);
}

/** ws → the levels by their names in the tri-grid file, and `planes`. */
export function synthesisGraph(p: Parameters, config: GeneratorConfig): Record<string, Value> {
  const levels = pyramidOf(p, config, latentInput('ws', config));
  const named = levelSizes(config).map((side, i) => [`trigrids_${side}`, levels[i]] as const);
  return { ...Object.fromEntries(named), planes: collapsePyramid(levels) };
}

/** Rays of an orbiting camera as a function of its {@link CAMERA_NUMBERS}, `[4]`; pixels `[1, R, 2]`. */
export function orbitRays({ focal, radius, lookAt }: CameraConfig, numbers: Value, pixels: Value): Rays {
  const [azimuth, elevation, right, up] = Array.from({ length: CAMERA_NUMBERS }, (_, i) =>
    slice(numbers, 0, i, i + 1),
  );
  const [sa, ca, se, ce] = [sin(azimuth), cos(azimuth), sin(elevation), cos(elevation)];
  const none = zerosLike(sa);
  const backward = [mul(ce, sa), se, mul(ce, ca)];
  const target = [add(right, lookAt[0]), add(up, lookAt[1]), add(none, lookAt[2])];
  const columns = [
    [ca, none, neg(sa)],
    [mul(se, sa), neg(ce), mul(se, ca)],
    backward.map(neg),
    backward.map((b, i) => add(mul(b, radius), target[i])),
  ];
  const matrix = concat(
    [0, 1, 2].flatMap((row) => columns.map((column) => column[row])),
    0,
  );
  const rest = constant(hostTensor([0, 0, 0, 1, ...pinhole(focal)], [13]));
  const rays = cameraRays(reshape(concat([matrix, rest], 0), [1, 25]), pixels);
  return { origins: squeeze(rays.origins, [0]), directions: squeeze(rays.directions, [0]) };
}

/** planes, `camera` `[4]`, `pixels` `[1, R, 2]`, depths, target, weight → `gradient` of the planes, `gradient.camera`, `loss`. */
export function inversionRaysGraph(
  p: Parameters,
  config: GeneratorConfig,
  { rays: count, samples }: { rays: number; samples: number },
  weights: FitWeights,
): Record<string, Value> {
  const camera = input('camera', [CAMERA_NUMBERS]);
  const rays = orbitRays(config.camera, camera, input('pixels', [1, count, 2]));
  return fitGraph(p, config, rays, input('depths', [count, samples]), weights, { camera });
}

/** What it costs to be away from the encoder's guess. */
function held(value: Value, name: string): Value {
  const apart = mean(square(sub(value, input(`anchor.${name}`, value.shape))));
  return mul(apart, input(`hold.${name}`, []));
}

/**
 * One step of Adam on W+ and the camera. Inputs: ws, camera, their moments, the step; the encoder's `anchor`s and the
 * weights that hold to them; `gradient` of the planes and of the camera; rates. Outputs `next.…`, and the new `planes`.
 */
export function inversionStepGraph(p: Parameters, config: GeneratorConfig): Record<string, Value> {
  const ws = latentInput('ws', config);
  const camera = input('camera', [CAMERA_NUMBERS]);
  const collapsed = collapsePyramid(pyramidOf(p, config, ws));
  const one = constant(1);
  const [towards] = gradients([collapsed, held(ws, 'ws')], [ws], [input('gradient', collapsed.shape), one]);
  const [turn] = gradients([held(camera, 'camera')], [camera]);
  const outputs: Record<string, Value> = {};
  const step = (name: string, value: Value, gradient: Value): Value => {
    const state: AdamState = {
      m: { [name]: input(`m.${name}`, value.shape) },
      v: { [name]: input(`v.${name}`, value.shape) },
      step: input(`step.${name}`, []),
    };
    const next = adam({ [name]: value }, { [name]: gradient }, state, { lr: input(`rate.${name}`, []) });
    outputs[`next.${name}`] = next.params[name];
    outputs[`next.m.${name}`] = next.state.m[name];
    outputs[`next.v.${name}`] = next.state.v[name];
    outputs[`next.step.${name}`] = next.state.step;
    return next.params[name];
  };
  const moved = step('ws', ws, towards);
  step('camera', camera, add(turn, input('gradient.camera', [CAMERA_NUMBERS])));
  outputs['planes'] = collapsePyramid(pyramidOf(p, config, moved));
  return outputs;
}
