import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  constant,
  gradients,
  mean,
  mul,
  square,
  stopGradient,
  sub,
  sum,
  add,
  pow,
  type Value,
} from '../../gpu-functions/graph/index.ts';
import { adan, adanState } from '../../gpu-functions/nn/index.ts';
import {
  cameraRays,
  conditioningOf,
  levelSizes,
  mapLatent,
  pixelCentres,
  renderPlanes,
  renderRays,
  synthesise,
  synthesisePyramid,
  trigridField,
  type GeneratorConfig,
} from '../../gpu-functions/portrait/index.ts';
import { recordedConfiguration, type Manifest } from './configuration.ts';
import { addTotals, report, skipMatching, type Print, type Totals } from './report.ts';
import { Vectors, type Check, type Kind } from './vectors.ts';

interface Recording {
  io: Vectors;
  state: Vectors;
  config: GeneratorConfig;
  /** Side of the rendered picture. */
  size: number;
}

type Add = (name: string, found: Check['found'], kind: Kind) => void;

/** Everything from latent to picture and back: a generator of any size with its recorded inputs, intermediates, outputs, gradients. */
export async function smallReport(folder: string, print: Print): Promise<Totals> {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const state = new Vectors(join(folder, 'state.npz'));
  const io = new Vectors(join(folder, 'io.npz'));
  const recording: Recording = {
    io,
    state,
    config: recordedConfiguration(manifest, state),
    size: manifest.nrr,
  };
  const checks: Check[] = [];
  const check: Add = (name, found, kind) => {
    // Optional parts of a recording are compared where they are there.
    if (io.has(name)) checks.push({ name, found, kind });
  };
  latents(recording, check);
  forward(recording, check);
  if (io.has('grad_loss')) levelGradients(recording, check);
  if (io.has('gradw_loss')) latentGradients(recording, check);
  if (io.has('adan_a0')) optimiserSteps(recording, check);
  const later = 'canonical-space deformation and the pose branch are compared when the body model is built';
  const skips = skipMatching(io, /^(def_|pose_params_)/, later);
  const totals = await report('io.npz', io, checks, skips, print);

  const weights = skipMatching(
    state,
    /\.resample_filter$/,
    'the filter is fixed here; ops filter_1331 compares it',
  );
  const noise = skipMatching(
    state,
    /^superresolution\..*noise_(const|strength)$/,
    'super-resolution runs without noise',
  );
  const unused = skipMatching(
    state,
    /^(renderer\.|pose_branch\.|dataset_label_std)/,
    'weights of parts that are not compared',
  );
  return addTotals(totals, await report('state.npz', state, [], [...weights, ...noise, ...unused], print));
}

function latents({ io, state, config }: Recording, check: Add): void {
  const mapping = state.parameters('backbone.mapping.');
  const conditioning = conditioningOf(config, io.input('c_conditioning'), io.input('p'));
  const z = io.input('z');
  check('ws', mapLatent(mapping, config, z, conditioning), 'op');
  check('ws_trunc07', mapLatent(mapping, config, z, conditioning, { psi: 0.7 }), 'op');
}

function forward({ io, state, config, size }: Recording, check: Add): void {
  const p = state.parameters();
  const cameras = io.input('c_render');
  const draws = { jitter: io.input('jitter'), u: io.input('u') };
  const ws = io.input('ws');
  const levels = synthesisePyramid(p.at('backbone.synthesis'), config, ws);
  for (const level of levels) check(`planes_${level.shape[3]}`, level, 'level');
  const rays = cameraRays(cameras, constant(pixelCentres(size)));
  check('ray_origins', rays.origins, 'op');
  check('ray_directions', rays.directions, 'op');
  const field = trigridField(p, config, levels);
  const rendered = renderRays(field, rays, draws, config.rendering);
  check('depths_coarse', rendered.coarse.t, 'op');
  check('depths_fine', rendered.fine.t, 'image');
  check('sigma_coarse', rendered.coarse.sigma, 'level');
  check('sigma_fine', rendered.fine.sigma, 'image');
  check('rgb_coarse', rendered.coarse.features, 'level');
  check('rgb_fine', rendered.fine.features, 'image');
  check('march_coarse_weights', rendered.coarse.weights, 'image');
  check('march_final_weights', rendered.intervalWeights, 'image');
  check('render_rgb_final', rendered.features, 'image');
  check('render_depth_final', rendered.depth, 'image');
  check('render_weights', rendered.weight, 'image');
  if (io.has('query_xyz')) {
    const queried = field(io.input('query_xyz'));
    check('query_sigma', queried.sigma, 'level');
    check('query_rgb', queried.features, 'level');
  }
  const out = synthesise(p, config, ws, cameras, draws, size);
  if (out.backdrop) check('bcg_features', out.backdrop, 'level');
  if (out.backdropImage) check('out_image_background', out.backdropImage, 'image');
  check('out_image', out.picture, 'image');
  check('out_image_raw', out.image, 'image');
  check('out_image_depth', out.depth, 'image');
  check('out_image_mask', out.mask, 'image');
}

/** 1000·mean((image − target)²·W) without background, W without gradient: to every level. */
function levelGradients({ io, state, config, size }: Recording, check: Add): void {
  const levels = levelSizes(config).map((side) => io.input(`planes_${side}`));
  const draws = { jitter: io.input('jitter'), u: io.input('u') };
  const view = renderPlanes(
    state.parameters(),
    config,
    levels,
    io.input('ws'),
    io.input('c_render'),
    draws,
    size,
  );
  const error = square(sub(view.image, io.input('grad_target')));
  const loss = mul(mean(mul(error, stopGradient(view.weight))), 1000);
  check('grad_image_raw_nobg', view.image, 'image');
  check('grad_mask', view.weight, 'image');
  check('grad_loss', loss, 'image');
  for (const [i, gradient] of gradients([loss], levels).entries()) {
    check(`grad_planes_${levels[i].shape[3]}`, gradient, 'gradient');
  }
}

/** Mean squared error of the final picture: to W+, through super-resolution, background and renderer. */
function latentGradients({ io, state, config, size }: Recording, check: Add): void {
  const ws = io.input('ws');
  const draws = { jitter: io.input('jitter'), u: io.input('u') };
  const { picture } = synthesise(state.parameters(), config, ws, io.input('c_render'), draws, size);
  const loss = mean(square(sub(picture, io.input('gradw_target'))));
  check('gradw_loss', loss, 'image');
  check('gradw_ws', gradients([loss], [ws])[0], 'gradient');
}

/** Adan on 3·Σa² + Σ(b − 1)⁴ with learning rates 1 and 0.1: the start, then the parameters after each step. */
function optimiserSteps({ io }: Recording, check: Add): void {
  let params: Record<string, Value> = { a: io.input('adan_a0'), b: io.input('adan_b0') };
  let optimiser = adanState(params);
  for (let step = 1; io.has(`adan_a${step}`); step++) {
    const { a, b } = params;
    const loss = add(mul(sum(square(a)), 3), sum(pow(sub(b, 1), 4)));
    const [ga, gb] = gradients([loss], [a, b]);
    ({ params, state: optimiser } = adan(params, { a: ga, b: gb }, optimiser, { lr: { a: 1, b: 0.1 } }));
    check(`adan_a${step}`, params.a, 'op');
    check(`adan_b${step}`, params.b, 'op');
  }
}
