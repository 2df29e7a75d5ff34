import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arrayOf, float16Bits, float32, hostTensor, openSession } from '../graph/index.ts';
import type { HostTensor, Session, SessionOptions, Shape } from '../graph/index.ts';
import { clipTokenizer, parseClipVocabulary } from './clip-tokenizer.ts';
import { SD15 } from './configs.ts';
import type { DiffusionConfig } from './configs.ts';
import type { DiffusionModel } from './networks.ts';
import { samplePosteriorOf } from './posterior.ts';
import { latentSize } from './vae.ts';

const PARTS = ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder'] as const;

/**
 * Opens a folder of ONNX models as diffusers and Optimum export them: text_encoder, unet, vae_encoder and vae_decoder (each a
 * `model.onnx`), and tokenizer (`vocab.json`, `merges.txt`). Inputs are converted to the type (float32 or float16) a model declares.
 * @throws Error that names what the folder lacks
 */
export async function openOnnxDiffusion(
  folder: string,
  options: SessionOptions = {},
  config: DiffusionConfig = SD15,
): Promise<DiffusionModel> {
  const file = (part: string) => join(folder, part, 'model.onnx');
  const needed = [
    ...PARTS.map(file),
    ...['vocab.json', 'merges.txt'].map((n) => join(folder, 'tokenizer', n)),
  ];
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new Error(
      `The ONNX folder lacks ${missing.join(', ')}. Export the model with: ` +
        `optimum-cli export onnx --model MODEL --task text-to-image ${folder}`,
    );
  }
  const [text, unet, encoder, decoder] = await Promise.all(
    PARTS.map((part) => openSession({ path: file(part) }, options)),
  );
  const [vocab, merges] = await Promise.all(needed.slice(-2).map((path) => readFile(path, 'utf8')));
  const { vae, textEncoder } = config;
  const tokenizer = clipTokenizer(parseClipVocabulary(vocab, merges), textEncoder.maxTokens);
  const latentShape = [vae.latentChannels, latentSize(vae), latentSize(vae)] as const;
  const imageShape = [vae.imageChannels, vae.imageSize, vae.imageSize] as const;
  const perLatent = latentShape.reduce((a, b) => a * b, 1);
  const channelOf = (i: number) => Math.floor((i % perLatent) / (latentShape[1] * latentShape[2]));

  return {
    config,
    restorers: [],
    textEncoder: {
      tokenizer,
      async encode(ids) {
        const shape = [ids.length, textEncoder.maxTokens];
        return (await run(text, { input_ids: [ids.flat(), shape] })).last_hidden_state;
      },
    },
    denoiser: {
      prediction: config.unet.prediction,
      latentShape,
      // One session takes any number.
      prepare: async () => {},
      async predict(latents, timestep, context) {
        const shape = [latents.length / perLatent, ...latentShape];
        const scalar = unet.inputs.find(({ name }) => name === 'timestep')?.shape.length === 0;
        const found = await run(unet, {
          sample: [latents, shape],
          timestep: [[timestep], scalar ? [] : [1]],
          encoder_hidden_states: [float32(context), context.shape],
        });
        return float32(found.out_sample);
      },
    },
    autoencoder: {
      imageShape,
      decodedSide: vae.imageSize,
      latentShape,
      async encode(images, noise) {
        const shape = [images.length / imageShape.reduce((a, b) => a * b, 1), ...imageShape];
        const found = await run(encoder, { sample: [images, shape] });
        // Optimum gives the posterior's parameters, older exports a sample of it.
        const z = found.latent_parameters
          ? samplePosteriorOf(float32(found.latent_parameters), perLatent, noise)
          : float32(found.latent_sample);
        return z.map((x, i) => (x - vae.latentMean[channelOf(i)]) / vae.latentStd[channelOf(i)]);
      },
      async decode(latents) {
        const raw = latents.map((z, i) => z * vae.latentStd[channelOf(i)] + vae.latentMean[channelOf(i)]);
        const shape = [latents.length / perLatent, ...latentShape];
        return float32((await run(decoder, { latent_sample: [raw, shape] })).sample);
      },
    },
    async close() {
      await Promise.all([text, unet, encoder, decoder].map((session) => session.close()));
    },
  };
}

/** Runs a session on plain numbers, as whatever type each of its inputs wants. */
function run(
  session: Session,
  feeds: Record<string, readonly [ArrayLike<number>, Shape]>,
): Promise<Record<string, HostTensor>> {
  const converted = session.inputs.map(({ name, dtype }) => {
    const feed = feeds[name];
    if (!feed)
      throw new Error(`The ONNX model wants an input '${name}', which this kind of model does not have.`);
    const [values, shape] = feed;
    if (dtype === 'int64')
      return [name, hostTensor(BigInt64Array.from(Array.from(values, BigInt)), shape)] as const;
    if (dtype === 'float16') {
      return [name, hostTensor(Uint16Array.from(Array.from(values, float16Bits)), shape, dtype)] as const;
    }
    const Numbers = arrayOf(dtype) as unknown as Float32ArrayConstructor;
    return [name, hostTensor(Numbers.from(values), shape, dtype)] as const;
  });
  return session.run(Object.fromEntries(converted));
}
