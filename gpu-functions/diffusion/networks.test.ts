import { describe, expect, it } from 'vitest';
import { evaluate, float32, hostTensor, input } from '../graph/index.ts';
import { Random, initialise, storedParameters, traceParameters } from '../nn/index.ts';
import { multiHeadAttention } from './attention.ts';
import { MINI, SD15 } from './configs.ts';
import { TINY, randomWeights } from './testing.ts';
import { textEncoder } from './text-encoder.ts';
import { timestepFeatures, unet } from './unet.ts';
import { decodedSize, decodeLatents, encodeLatents, latentSize, vaeDecode, vaeEncode } from './vae.ts';
import type { VaeConfig } from './vae.ts';
import type { Parameters, WeightMap } from '../nn/index.ts';

const count = (build: (p: Parameters) => unknown): number =>
  traceParameters(build).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

const vaeOf = (config: VaeConfig) => (p: Parameters) => {
  const { imageChannels: c, imageSize: s } = config;
  return vaeDecode(p, vaeEncode(p, input('image', [1, c, s, s]), config).mean, config);
};

const unetOf =
  ({ unet: config, textEncoder: text }: typeof TINY) =>
  (p: Parameters) =>
    unet(
      p,
      input('latents', [1, config.latentChannels, config.sampleSize, config.sampleSize]),
      input('timesteps', [1]),
      input('context', [1, text.maxTokens, config.contextChannels]),
      config,
    );

const textOf =
  ({ textEncoder: config }: typeof TINY) =>
  (p: Parameters) =>
    textEncoder(p, input('ids', [1, config.maxTokens], 'int64'), config);

describe('attention', () => {
  it('agrees with its definition, head by head', async () => {
    const [n, t, s, c, heads] = [2, 3, 4, 6, 2];
    const random = new Random(3);
    const [q, k, v] = [t, s, s].map((length) => hostTensor(random.normals(n * length * c), [n, length, c]));
    const y = multiHeadAttention(input('q', q.shape), input('k', k.shape), input('v', v.shape), heads);
    const found = float32((await evaluate({ y }, { q, k, v })).y);
    const d = c / heads;
    const at = (x: typeof q, b: number, i: number, j: number) => float32(x)[(b * x.shape[1] + i) * c + j];
    for (let b = 0; b < n; b++) {
      for (let h = 0; h < heads; h++) {
        for (let i = 0; i < t; i++) {
          const logits = Array.from({ length: s }, (_, j) => {
            let dot = 0;
            for (let e = 0; e < d; e++) dot += at(q, b, i, h * d + e) * at(k, b, j, h * d + e);
            return Math.exp(dot / Math.sqrt(d));
          });
          const total = logits.reduce((a, x) => a + x, 0);
          for (let e = 0; e < d; e++) {
            const expected = logits.reduce((sum, x, j) => sum + (x / total) * at(v, b, j, h * d + e), 0);
            expect(found[(b * t + i) * c + h * d + e]).toBeCloseTo(expected, 5);
          }
        }
      }
    }
  });
});

describe('timestep features', () => {
  it('are cosines then sines of falling frequencies', async () => {
    const y = timestepFeatures(input('t', [1]), 4);
    const found = float32((await evaluate({ y }, { t: hostTensor([7], [1]) })).y);
    const expected = [Math.cos(7), Math.cos(0.07), Math.sin(7), Math.sin(0.07)];
    found.forEach((x, i) => expect(x).toBeCloseTo(expected[i], 5));
  });
});

describe('parameters', () => {
  it('of Stable Diffusion 1.5 are as many as published, under their published names', () => {
    expect(count(unetOf(SD15))).toBe(859_520_964);
    expect(count(vaeOf(SD15.vae))).toBe(83_653_863);
    expect(count(textOf(SD15))).toBe(123_060_480);
    const names = new Set(traceParameters(unetOf(SD15)).map(({ name }) => name));
    expect(names).toContain('down_blocks.0.attentions.1.transformer_blocks.0.attn2.to_out.0.weight');
    expect(names).toContain('up_blocks.3.resnets.2.conv_shortcut.bias');
    expect(names).toContain('mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj.weight');
    const text = new Set(traceParameters(textOf(SD15)).map(({ name }) => name));
    expect(text).toContain('text_model.encoder.layers.11.self_attn.out_proj.bias');
  });

  it('of the mini networks fit a small download', () => {
    const total = count(unetOf(MINI)) + count(vaeOf(MINI.vae)) + count(textOf(MINI));
    expect(total).toBeLessThan(12e6);
  });
});

describe('denoiser with fine blocks', () => {
  const unetConfig = { ...TINY.unet, patch: 2, sampleSize: 8, fine: { channels: 8, blocks: 2 } };
  const [fine, plain] = [unetConfig, { ...unetConfig, fine: undefined }].map((unet) =>
    unetOf({ ...TINY, unet }),
  );
  const random = new Random(8);
  const feeds = {
    latents: hostTensor(random.normals(2 * 64), [1, 2, 8, 8]),
    timesteps: hostTensor([300], [1]),
    context: hostTensor(random.normals(5 * 6), [1, 5, 6]),
  };
  const run = async (build: typeof fine, weights: WeightMap) =>
    float32((await evaluate({ y: build(storedParameters(weights)) }, feeds)).y);

  it('is what it was without them before they are trained', async () => {
    const weights = randomWeights(plain, 9);
    const both = new Map([...initialise(traceParameters(fine), 9), ...weights]);
    expect([...(await run(fine, both))]).toEqual([...(await run(plain, weights))]);
  });

  it('is something else with them', async () => {
    const weights = randomWeights(fine, 9);
    expect([...(await run(fine, weights))]).not.toEqual([...(await run(plain, weights))]);
  });
});

describe('text encoder', () => {
  const build = textOf(TINY);
  const p = storedParameters(randomWeights(build, 4));
  const states = async (ids: number[]) => {
    const feeds = { ids: hostTensor(BigInt64Array.from(ids, BigInt), [1, 5]) };
    return float32((await evaluate({ y: build(p) }, feeds)).y);
  };

  it('lets no token see a later one when causal', async () => {
    const [a, b] = [await states([1, 2, 3, 4, 5]), await states([1, 2, 3, 9, 9])];
    const width = TINY.textEncoder.width;
    expect([...a.subarray(0, 3 * width)]).toEqual([...b.subarray(0, 3 * width)]);
    expect([...a.subarray(3 * width)]).not.toEqual([...b.subarray(3 * width)]);
  });
});

describe('autoencoder', () => {
  const config = TINY.vae;
  const p = storedParameters(randomWeights(vaeOf(config), 5));

  it('maps pictures to a grid of latents and back', async () => {
    const shape = [2, 4, 16, 16];
    const image = input('image', shape);
    const latents = encodeLatents(p, image, config);
    const picture = decodeLatents(p, latents, config);
    expect(latentSize(config)).toBe(4);
    expect([latents.shape, picture.shape]).toEqual([[2, 2, 4, 4], shape]);
    const found = await evaluate(
      { picture },
      { image: hostTensor(new Random(6).normals(2 * 4 * 256), shape) },
    );
    expect(float32(found.picture).every(Number.isFinite)).toBe(true);
  });

  it('draws larger pictures than it sees where its decoder says so', () => {
    const decoder = { channels: [4, 4, 8], layersPerBlock: 1, midBlock: 'resnets', patch: 2 } as const;
    const larger = { ...config, decoder };
    const specs = traceParameters((p) => decodeLatents(p, input('latents', [1, 2, 4, 4]), larger));
    const drawn = decodeLatents(
      storedParameters(initialise(specs, 1)),
      input('latents', [1, 2, 4, 4]),
      larger,
    );
    expect(drawn.shape).toEqual([1, 4, 32, 32]);
    expect([decodedSize(larger), decodedSize(config), decodedSize(SD15.vae)]).toEqual([32, 16, 512]);
    expect(specs.some(({ name }) => name === 'decoder.up_blocks.0.resnets.1.conv1.weight')).toBe(false);
  });

  it('normalises latents by channel', async () => {
    const shape = [1, 4, 16, 16];
    const image = input('image', shape);
    const outputs = { raw: vaeEncode(p, image, config).mean, latents: encodeLatents(p, image, config) };
    const found = await evaluate(outputs, { image: hostTensor(new Random(7).normals(4 * 256), shape) });
    float32(found.latents).forEach((z, i) => {
      const c = Math.floor(i / 16);
      expect(z).toBeCloseTo((float32(found.raw)[i] - config.latentMean[c]) / config.latentStd[c], 5);
    });
  });
});
