import { expect, test } from 'vitest';
import { decodeLatents, MINI } from '../../gpu-functions/diffusion/index.ts';
import { evaluate, float32, gradients, hostTensor, input } from '../../gpu-functions/graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import { decoderLoss } from './decoder.ts';
import { discriminate, discriminatorLoss, halves } from './discriminator.ts';
import { pictureLoss, planes } from './vae-loss.ts';

const CONFIG = {
  ...MINI.vae,
  imageSize: 32,
  latentChannels: 2,
  normGroups: 4,
  latentMean: [0, 0],
  latentStd: [1, 1],
  decoder: { channels: [4, 8], layersPerBlock: 1, midBlock: 'none', patch: 8 },
} as const;
const [N, SIZE, SIDE] = [2, 64, 4];
const SHAPES = {
  rgba: [N, SIZE, SIZE, 4],
  latents: [N, 2, SIDE, SIDE],
  agreement: [N, 1, 1, 1],
  haze: [1, 4, SIZE, SIZE],
  heard: [],
};
const batch = {
  rgba: input('rgba', SHAPES.rgba, 'uint8'),
  latents: input('latents', SHAPES.latents),
  agreement: input('agreement', SHAPES.agreement),
  haze: input('haze', SHAPES.haze),
  heard: input('heard', SHAPES.heard),
};
const random = new Random(3);
const feeds = (heard: number) => ({
  rgba: hostTensor(
    Uint8Array.from({ length: N * SIZE * SIZE * 4 }, () => random.int(256)),
    SHAPES.rgba,
  ),
  latents: hostTensor(random.normals(N * 2 * SIDE * SIDE), SHAPES.latents),
  agreement: hostTensor(Float32Array.of(1, 0.4), SHAPES.agreement),
  haze: hostTensor(new Float32Array(4 * SIZE * SIZE), SHAPES.haze),
  heard: hostTensor(Float32Array.of(heard), []),
});
const weights = initialise(
  traceParameters((p) => decoderLoss(p, CONFIG, batch).loss),
  1,
);
const p = storedParameters(weights);
const weight = (name: string) => p.get(name, weights.get(name)!.shape);
const DRAWING = weight('vae.decoder.conv_out.weight');
const JUDGING = weight('discriminator.layers.0.weight');

/** Gradients of the joint loss with respect to a weight of the decoder, and one of the discriminator. */
async function followed(given: ReturnType<typeof feeds>) {
  const [drawing, judging] = gradients([decoderLoss(p, CONFIG, batch).loss], [DRAWING, JUDGING]);
  const found = await evaluate({ drawing: drawing!, judging: judging! }, given);
  return { drawing: float32(found.drawing), judging: float32(found.judging) };
}

test('unheard, the discriminator leaves the decoder the gradient of its pixels', async () => {
  const given = feeds(0);
  const decoded = decodeLatents(p.at('vae'), batch.latents, CONFIG);
  const { loss } = pictureLoss(decoded, planes(batch.rgba), batch.agreement);
  const [wanted] = gradients([loss], [DRAWING]);
  const { rgba, latents, agreement } = given;
  const expected = float32((await evaluate({ wanted: wanted! }, { rgba, latents, agreement })).wanted);
  const { drawing } = await followed(given);
  drawing.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-6));
});

test('the discriminator learns from its own loss alone, and is heard by the decoder', async () => {
  const given = feeds(1);
  const truth = planes(batch.rgba);
  const made = decodeLatents(p.at('vae'), batch.latents, CONFIG);
  const { image } = truth;
  const sides = [image, made].map((pictures) => discriminate(p.at('discriminator'), pictures, 4));
  const [wanted] = gradients([discriminatorLoss(sides[0]!, sides[1]!)], [JUDGING]);
  const { rgba, latents } = given;
  const expected = float32((await evaluate({ wanted: wanted! }, { rgba, latents })).wanted);
  const { drawing, judging } = await followed(given);
  judging.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-5));
  const unheard = await followed({ ...given, heard: hostTensor(Float32Array.of(0), []) });
  expect(drawing).not.toEqual(unheard.drawing);
});

test('a batch of opinions falls into its halves', async () => {
  const pictures = hostTensor(random.normals(2 * 4 * SIZE * SIZE), [2, 4, SIZE, SIZE]);
  const both = discriminate(p.at('discriminator'), input('pictures', pictures.shape), 4);
  const [first, second] = halves(both);
  const found = await evaluate({ both: both.real, first: first.real, second: second.real }, { pictures });
  expect([...float32(found.first), ...float32(found.second)]).toEqual([...float32(found.both)]);
});
