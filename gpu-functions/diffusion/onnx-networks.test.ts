import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, concat, float32, hostTensor, input } from '../graph/index.ts';
import type { Value } from '../graph/index.ts';
import { Random, storedParameters } from '../nn/index.ts';
import { openDiffusion } from './graph-networks.ts';
import { openOnnxDiffusion } from './onnx-networks.ts';
import { TINY, randomWeights } from './testing.ts';
import { textEncoder } from './text-encoder.ts';
import { unet } from './unet.ts';
import { vaeDecode, vaeEncode } from './vae.ts';

const folder = await mkdtemp(join(tmpdir(), 'onnx-folder-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const ids = input('input_ids', [1, 5], 'int64');
const latents = (name: string) => input(name, [1, 2, 4, 4]);
const image = input('sample', [1, 4, 16, 16]);
const context = input('encoder_hidden_states', [1, 5, 6]);
const weights = {
  vae: randomWeights((p) => vaeDecode(p, vaeEncode(p, image, TINY.vae).mean, TINY.vae), 1),
  unet: randomWeights((p) => unet(p, latents('l'), input('t', [1]), context, TINY.unet), 2),
  textEncoder: randomWeights((p) => textEncoder(p, ids, TINY.textEncoder), 3),
};

/** Writes the tiny networks under the names of an Optimum export. */
async function exportFolder(): Promise<void> {
  const vae = storedParameters(weights.vae);
  const { mean, logVariance } = vaeEncode(vae, image, TINY.vae);
  const step = unet(
    storedParameters(weights.unet),
    latents('sample'),
    input('timestep', [1]),
    context,
    TINY.unet,
  );
  const parts: Record<string, Record<string, Value>> = {
    text_encoder: {
      last_hidden_state: textEncoder(storedParameters(weights.textEncoder), ids, TINY.textEncoder),
    },
    unet: { out_sample: step },
    vae_encoder: { latent_parameters: concat([mean, logVariance], 1) },
    vae_decoder: { sample: vaeDecode(vae, latents('latent_sample'), TINY.vae) },
  };
  for (const [part, outputs] of Object.entries(parts)) {
    await mkdir(join(folder, part), { recursive: true });
    await writeFile(join(folder, part, 'model.onnx'), compile(outputs).bytes);
  }
  await mkdir(join(folder, 'tokenizer'));
  const vocabulary = { 'a</w>': 3, '<|startoftext|>': 18, '<|endoftext|>': 19 };
  await writeFile(join(folder, 'tokenizer', 'vocab.json'), JSON.stringify(vocabulary));
  await writeFile(join(folder, 'tokenizer', 'merges.txt'), '#version: 0.2\n');
}

describe('a folder of ONNX models', () => {
  it('says what it lacks and how to make it', async () => {
    await expect(openOnnxDiffusion(join(folder, 'nowhere'))).rejects.toThrow(/unet.*optimum-cli/);
  });

  it('computes what the same networks compute as graphs', async () => {
    await exportFolder();
    const files = await openOnnxDiffusion(folder, { inline: true }, TINY);
    const graphs = openDiffusion(TINY, weights, files.textEncoder.tokenizer, { inline: true });
    const random = new Random(4);
    const [x, z, noise] = [random.normals(4 * 256), random.normals(32), random.normals(32)];
    const state = hostTensor(random.normals(30), [1, 5, 6]);
    const tokens = [files.textEncoder.tokenizer.encode('a').ids];
    const compute = async (model: typeof files) => [
      float32(await model.textEncoder.encode(tokens)),
      await model.denoiser.predict(z, 40, state),
      await model.autoencoder.encode(x),
      await model.autoencoder.encode(x, noise),
      await model.autoencoder.decode(z),
    ];
    const [found, expected] = [await compute(files), await compute(graphs)];
    found.forEach((values, k) => values.forEach((v, i) => expect(v).toBeCloseTo(expected[k][i], 4)));
    await files.close();
    await expect(files.denoiser.predict(z, 40, state)).rejects.toThrow('closed');
  });
});
