import { describe, expect, it } from 'vitest';
import { evaluate, float32, hostTensor, input } from '../graph/index.ts';
import { Random, storedParameters } from '../nn/index.ts';
import { openDiffusion } from './graph-networks.ts';
import { joined } from './batch-lanes.ts';
import { guided } from './guidance.ts';
import { sdEdit } from './img2img.ts';
import { addNoise, estimate, rates, scaledLinearSchedule } from './schedule.ts';
import { ddimSampler } from './ddim.ts';
import { sdsImageGradient } from './sds.ts';
import { TINY, randomWeights } from './testing.ts';
import { textEncoder } from './text-encoder.ts';
import { wordTokenizer } from './tokenizer.ts';
import { unet } from './unet.ts';
import { vaeDecode, vaeEncode } from './vae.ts';

const schedule = scaledLinearSchedule();
const IMAGE = [1, 4, 16, 16];
const LATENT = [1, 2, 4, 4];
const CONTEXT = [1, 5, 6];

const weights = {
  vae: randomWeights((p) => vaeDecode(p, vaeEncode(p, input('i', IMAGE), TINY.vae).mean, TINY.vae), 1),
  unet: randomWeights((p) => unet(p, input('l', LATENT), input('t', [1]), input('c', CONTEXT), TINY.unet), 2),
  textEncoder: randomWeights((p) => textEncoder(p, input('ids', [1, 5], 'int64'), TINY.textEncoder), 3),
};
const tokenizer = wordTokenizer(
  Array.from({ length: 17 }, (_, i) => `w${i}`),
  5,
);
const model = openDiffusion(TINY, weights, tokenizer, { inline: true });
const random = new Random(9);
const image = random.normals(4 * 256, 0.5);
const noise = random.normals(32);
const [positive, negative] = [0, 1].map(() => hostTensor(random.normals(30), CONTEXT));

describe('score distillation', () => {
  const networks = { vae: storedParameters(weights.vae), unet: storedParameters(weights.unet) };
  const inputs = {
    image: input('image', IMAGE),
    noise: input('noise', LATENT),
    timesteps: input('timesteps', [1], 'int64'),
    positive: input('positive', CONTEXT),
    negative: input('negative', CONTEXT),
    scale: input('scale', []),
  };
  const t = 300;
  const scale = 7;
  const feeds = {
    image: hostTensor(image, IMAGE),
    noise: hostTensor(noise, LATENT),
    timesteps: hostTensor(BigInt64Array.of(BigInt(t)), [1]),
    positive,
    negative,
    scale: hostTensor([scale], []),
  };
  const run = () => evaluate({ ...sdsImageGradient(networks, inputs, TINY, schedule) }, feeds);

  it('is w(t)(ε − noise) at the latents', async () => {
    const { latentGradient, clean } = await run();
    const at = rates(schedule.alphasCumprod[t]);
    const noisy = addNoise(await model.autoencoder.encode(image), noise, at);
    const predicted = await guided(model.denoiser, { positive, negative, scale })(noisy, t);
    const expected = estimate(noisy, predicted, at, 'v_prediction');
    const w = 1 - schedule.alphasCumprod[t];
    float32(latentGradient).forEach((g, i) => expect(g).toBeCloseTo(w * (expected.noise[i] - noise[i]), 4));
    float32(clean).forEach((x, i) => expect(x).toBeCloseTo(expected.clean[i], 4));
  });

  it('reaches the picture through the encoder alone: the slope of ⟨latents, gradient⟩ along a direction', async () => {
    const { gradient, latentGradient } = await run();
    const direction = new Random(11).normals(image.length);
    const step = 1e-2;
    const along = async (amount: number) => {
      const latents = await model.autoencoder.encode(image.map((x, i) => x + amount * direction[i]));
      return latents.reduce((sum, z, i) => sum + z * float32(latentGradient)[i], 0);
    };
    const slope = ((await along(step)) - (await along(-step))) / (2 * step);
    const dot = float32(gradient).reduce((sum, g, i) => sum + g * direction[i], 0);
    expect(Math.abs(dot - slope)).toBeLessThan(0.01 * Math.abs(slope) + 1e-3);
  });

  it('accepts a smaller picture', () => {
    const small = { ...inputs, image: input('image', [1, 4, 8, 8]) };
    expect(sdsImageGradient(networks, small, TINY, schedule).gradient.shape).toEqual([1, 4, 8, 8]);
  });
});

describe('guidance', () => {
  it('extrapolates from the negative to the positive text', async () => {
    const latents = random.normals(32);
    const [without, withText] = await Promise.all(
      [negative, positive].map((context) => model.denoiser.predict(latents, 50, context)),
    );
    const found = await guided(model.denoiser, { positive, negative, scale: 3 })(latents, 50);
    found.forEach((x, i) => expect(x).toBeCloseTo(without[i] + 3 * (withText[i] - without[i]), 4));
  });

  it('joins states of one length', () => {
    expect(joined([positive, negative]).shape).toEqual([2, 5, 6]);
  });
});

/** Root mean square change of a picture by an edit from a timestep. */
async function edit(from: number): Promise<number> {
  const networks = {
    autoencoder: model.autoencoder,
    predict: guided(model.denoiser, { positive, negative, scale: 1 }),
    sampler: ddimSampler(schedule, 'v_prediction'),
    schedule,
  };
  const edited = await sdEdit(image, noise, networks, { steps: 20, from });
  const plain = await model.autoencoder.decode(await model.autoencoder.encode(image));
  return Math.sqrt(edited.reduce((sum, x, i) => sum + (x - plain[i]) ** 2, 0) / edited.length);
}

describe('SDEdit', () => {
  it('changes a picture the more, the later it starts', async () => {
    const [little, much] = [await edit(2), await edit(600)];
    expect(little).toBeGreaterThan(0);
    expect(much).toBeGreaterThan(little);
  });
});

describe('a diffusion model in half precision', () => {
  it('says nearly the same, from products rounded to 11 bits', async () => {
    const half = openDiffusion(TINY, weights, tokenizer, { inline: true, precision: 'float16' });
    const said = async (m: typeof model): Promise<number[]> => [
      ...(await m.denoiser.predict(noise, 300, positive)),
      ...(await m.autoencoder.decode(noise)),
      ...float32(await m.textEncoder.encode([[1, 2, 3, 4, 5]])),
    ];
    const [full, rounded] = [await said(model), await said(half)];
    await half.close();
    const most = Math.max(...full.map(Math.abs));
    const error = Math.max(...full.map((v, i) => Math.abs(v - rounded[i]))) / most;
    expect(error).toBeGreaterThan(1e-6);
    expect(error).toBeLessThan(1e-2);
  });
});
