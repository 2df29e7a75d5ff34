import { concat, mean, slice, type Value } from '../../gpu-functions/graph/index.ts';
import {
  decode,
  mapLatent,
  PORTRAIT3D,
  synthesiseBackground,
  synthesisePyramid,
  type GeneratorConfig,
} from '../../gpu-functions/portrait/index.ts';
import { rowOfW, toRgb } from '../../gpu-functions/portrait/styled-layers.ts';
import { skipBlock } from '../../gpu-functions/portrait/synthesis-block.ts';
import { largestBlock } from './configuration.ts';
import { skipMatching } from './report.ts';
import type { Check, Kind, Skip, Vectors } from './vectors.ts';

/** Slices of a plane: the one size that no shape in the file tells apart from the features. */
const DEPTH = 3;

function tinyConfiguration(v: Vectors): GeneratorConfig {
  const shape = (name: string): readonly number[] => v.recorded(name).shape;
  const resolution = largestBlock(v, 'background.');
  return {
    ...PORTRAIT3D,
    zDim: shape('z')[1],
    wDim: shape('ws')[2],
    cDim: 25,
    poseDim: shape('c')[1] - 25,
    features: shape('decoder.net.0.weight')[1],
    depth: DEPTH,
    backboneResolution: largestBlock(v, 'backbone.synthesis.'),
    decoder: {
      hidden: shape('decoder.net.0.weight')[0],
      outputs: shape('decoder.net.2.weight')[0] - 1,
      activation: 'none',
    },
    background: {
      resolution,
      channelBase: shape(`background.b${resolution}.conv1.weight`)[0] * resolution,
      channelMax: shape('background.b4.conv1.weight')[0],
    },
  };
}

/** Stand-alone networks: mapping, backbone with and without noise, background, super-resolution blocks, decoder, toRGB. */
export function tinyChecks(v: Vectors): { checks: Check[]; skips: Skip[] } {
  const checks: Check[] = [];
  const check = (name: string, found: Value, kind: Kind): void => void checks.push({ name, kind, found });
  const config = tinyConfiguration(v);
  const mapping = v.parameters('backbone.mapping.');
  const [z, c] = [v.input('z'), v.input('c')];
  check('ws', mapLatent(mapping, config, z, c), 'op');
  check('ws_psi0.5_cut3', mapLatent(mapping, config, z, c, { psi: 0.5, cutoff: 3 }), 'op');
  for (const noise of ['const', 'none'] as const) {
    const levels = synthesisePyramid(
      v.parameters('backbone.synthesis.'),
      { ...config, noise },
      v.input('ws'),
    );
    for (const level of levels) check(`planes_${noise}_${level.shape[3]}`, level, 'level');
  }
  check('bg_out', synthesiseBackground(v.parameters('background.'), config, v.input('bg_ws')), 'level');
  superResolution(v, check);
  const decoded = decode(v.parameters('decoder.'), config, mean(v.input('dec_in'), [1]));
  check('dec_sigma', decoded.sigma, 'op');
  check('dec_rgb', decoded.features, 'op');
  const w = rowOfW(v.input('ws'), v.recorded('ws').shape[1] - 1);
  check('torgb_out', toRgb(v.parameters('torgb.'), v.input('sr_x'), w, 3), 'op');
  const filter = skipMatching(
    v,
    /\.resample_filter$/,
    'the filter is fixed here; ops filter_1331 compares it',
  );
  const noise = skipMatching(v, /^sr\d\..*noise_(const|strength)$/, 'super-resolution runs without noise');
  return { checks, skips: [...filter, ...noise] };
}

function superResolution(v: Vectors, check: (name: string, found: Value, kind: Kind) => void): void {
  const ws = v.input('ws');
  const last = slice(ws, 1, ws.shape[1] - 1, ws.shape[1]);
  const style = concat([last, last, last], 1);
  let block = { x: v.input('sr_x'), image: v.input('sr_rgb') };
  for (const name of ['sr0', 'sr1']) {
    const channels = v.recorded(`${name}.conv0.weight`).shape[0];
    block = skipBlock(v.parameters(`${name}.`), block, style, 0, {
      channels,
      outputs: 3,
      noise: 'none',
      clamp: 256,
      up: 2,
    });
    check(`${name}_x`, block.x, 'level');
    check(`${name}_rgb`, block.image, 'level');
  }
}
