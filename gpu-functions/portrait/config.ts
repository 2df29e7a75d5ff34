/** How rays are sampled and composited; lengths in world units. */
export interface RenderingConfig {
  /** Side of the cube [−box/2, box/2]³ that the planes cover. */
  boxWarp: number;
  /** Density is removed where |x| or |z| exceeds box/2 − cropFraction·box. */
  cropFraction: number;
  /** Distance from the camera at which sampling starts and ends. */
  rayStart: number;
  rayEnd: number;
  /** Stratified samples a ray. */
  samples: number;
  /** Further samples a ray, drawn where the first ones found weight. */
  importanceSamples: number;
  /** Added to the raw density before the softplus. */
  densityBias: number;
}

/** Sizes of a StyleGAN2 synthesis network whose feature maps stay near 2^15 values. */
export interface BackgroundConfig {
  resolution: number;
  channelBase: number;
  channelMax: number;
}

/** Two styled blocks that raise features and picture to the final resolution. */
export interface SuperResolutionConfig {
  /** Side to which rendered features are brought first. */
  inputResolution: number;
  blocks: readonly { channels: number; up: 1 | 2 }[];
  /** Bound of activations and picture. */
  clamp: number;
}

/** Perspective of the cameras a generator is used with. */
export interface CameraConfig {
  /** Focal length over image side. */
  focal: number;
  radius: number;
  lookAt: readonly [number, number, number];
}

/** Sizes of a pyramid tri-grid generator (3DPortraitGAN-Pyramid). */
export interface GeneratorConfig {
  zDim: number;
  wDim: number;
  /** Camera label: 16 of cam2world, 9 of the intrinsics. */
  cDim: number;
  /** Neck and head rotation, axis-angle. */
  poseDim: number;
  mappingLayers: number;
  /** Features of a tri-grid texel. */
  features: number;
  /** Slices of a tri-grid plane along its normal. */
  depth: number;
  /** Side of the last 2D block; pyramid levels have sides 8 … 2·backboneResolution. */
  backboneResolution: number;
  /** Whether the layers add their constant noise maps. */
  noise: 'const' | 'none';
  decoder: {
    hidden: number;
    outputs: number;
    activation: 'none' | 'sigmoid';
    /** Factor of the raw density (1 when absent): a short training reaches opaque surfaces sooner with a larger one. */
    densityGain?: number;
  };
  /** 'torgb': composited features pass a styled 1×1 convolution. 'direct': they are the colour, premultiplied by alpha. */
  colourHead: 'torgb' | 'direct';
  background: BackgroundConfig | null;
  superResolution: SuperResolutionConfig | null;
  rendering: RenderingConfig;
  camera: CameraConfig;
}

/** The released 512² model, with the ray start that its scripts use for inference. */
export const PORTRAIT3D: GeneratorConfig = {
  zDim: 512,
  wDim: 512,
  cDim: 25,
  poseDim: 6,
  mappingLayers: 2,
  features: 12,
  depth: 3,
  backboneResolution: 256,
  noise: 'const',
  decoder: { hidden: 32, outputs: 32, activation: 'none' },
  colourHead: 'torgb',
  background: { resolution: 128, channelBase: 32768, channelMax: 512 },
  superResolution: {
    inputResolution: 128,
    blocks: [
      { channels: 256, up: 2 },
      { channels: 128, up: 2 },
    ],
    clamp: 256,
  },
  rendering: {
    boxWarp: 0.7,
    cropFraction: 0.1,
    rayStart: 2.35,
    rayEnd: 3.12,
    samples: 48,
    importanceSamples: 48,
    densityBias: -1,
  },
  camera: { focal: 6.5104166, radius: 2.7, lookAt: [0, 0.0649, 0] },
};

/** The bundled model: colour comes straight from the decoder; density ends at |x|, |z| = 0.5. */
export const MINI: GeneratorConfig = {
  zDim: 256,
  wDim: 256,
  cDim: 25,
  poseDim: 6,
  mappingLayers: 2,
  features: 8,
  depth: 3,
  backboneResolution: 32,
  noise: 'none',
  decoder: { hidden: 32, outputs: 3, activation: 'sigmoid', densityGain: 10 },
  colourHead: 'direct',
  background: null,
  superResolution: null,
  rendering: {
    boxWarp: 1.2,
    cropFraction: 1 / 12,
    rayStart: 2.05,
    rayEnd: 3.35,
    samples: 32,
    importanceSamples: 32,
    densityBias: -1,
  },
  camera: { focal: 3.2298, radius: 2.7, lookAt: [0, -0.06, 0] },
};

/** Resolutions 4, 8, … of the 2D blocks. */
export function blockResolutions(resolution: number): number[] {
  const list: number[] = [];
  for (let r = 4; r <= resolution; r *= 2) list.push(r);
  return list;
}

/** Sides 8, 16, … of the pyramid levels. */
export function levelSizes(config: GeneratorConfig): number[] {
  return blockResolutions(config.backboneResolution).map((r) => 2 * r);
}

/** Rows of W+: one for every convolution, and the last colour layer's. */
export function rowsOfW(config: GeneratorConfig): number {
  return 2 * blockResolutions(config.backboneResolution).length;
}

/** Channels of the three planes of one level together. */
export function planeChannels(config: GeneratorConfig): number {
  return 3 * config.features * config.depth;
}
