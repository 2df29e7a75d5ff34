import { PORTRAIT3D, type GeneratorConfig } from '../../gpu-functions/portrait/index.ts';
import type { Vectors } from './vectors.ts';

/** The part of a recorded manifest that sizes a generator. */
export interface Manifest {
  kwargs: {
    z_dim: number;
    c_dim: number;
    w_dim: number;
    mapping_kwargs: { num_layers?: number };
    rendering_kwargs: {
      superresolution_module: string;
      decoder_activation: string;
      triplane_depth: number;
      depth_resolution: number;
      depth_resolution_importance: number;
      ray_start: number;
      ray_end: number;
      box_warp: number;
    };
  };
  nrr: number;
}

/** Largest r for which the state dict has a block `prefix` + b{r}. */
export function largestBlock(state: Vectors, prefix: string): number {
  const pattern = new RegExp(`^${prefix.replaceAll('.', '\\.')}b(\\d+)\\.conv1\\.weight$`);
  return Math.max(...state.names.map((name) => Number(pattern.exec(name)?.[1] ?? 0)));
}

/** Modules whose first block keeps the resolution. */
const WITHOUT_FIRST_DOUBLING = /Hybrid(2X|4X)$/;

/** Sizes that the constructor's arguments do not say are read off the weights. */
export function recordedConfiguration(manifest: Manifest, state: Vectors): GeneratorConfig {
  const { kwargs } = manifest;
  const rendering = kwargs.rendering_kwargs;
  const shape = (name: string): readonly number[] => state.recorded(name).shape;
  const background = largestBlock(state, 'bcg_synthesis.');
  const superResolution = state.has('superresolution.block0.conv0.weight');
  const firstUp = WITHOUT_FIRST_DOUBLING.test(rendering.superresolution_module) ? 1 : 2;
  return {
    ...PORTRAIT3D,
    zDim: kwargs.z_dim,
    wDim: kwargs.w_dim,
    cDim: kwargs.c_dim,
    poseDim: shape('backbone.mapping.embed.weight')[1] - kwargs.c_dim,
    mappingLayers: kwargs.mapping_kwargs.num_layers ?? 8,
    features: shape('decoder.net.0.weight')[1],
    depth: rendering.triplane_depth,
    backboneResolution: largestBlock(state, 'backbone.synthesis.'),
    decoder: {
      hidden: shape('decoder.net.0.weight')[0],
      outputs: shape('decoder.net.2.weight')[0] - 1,
      activation: rendering.decoder_activation === 'sigmoid' ? 'sigmoid' : 'none',
    },
    background: background
      ? {
          resolution: background,
          channelBase: shape(`bcg_synthesis.b${background}.conv1.weight`)[0] * background,
          channelMax: shape('bcg_synthesis.b4.conv1.weight')[0],
        }
      : null,
    superResolution: superResolution
      ? {
          inputResolution: shape('superresolution.block0.conv0.noise_const')[0] / firstUp,
          blocks: [
            { channels: shape('superresolution.block0.conv0.weight')[0], up: firstUp },
            { channels: shape('superresolution.block1.conv0.weight')[0], up: 2 },
          ],
          clamp: 256,
        }
      : null,
    rendering: {
      ...PORTRAIT3D.rendering,
      boxWarp: rendering.box_warp,
      rayStart: rendering.ray_start,
      rayEnd: rendering.ray_end,
      samples: rendering.depth_resolution,
      importanceSamples: rendering.depth_resolution_importance,
    },
  };
}
