import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFloat16 } from '../../gpu-functions/graph/index.ts';
import { quantised } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { writeSafetensors } from '../../gpu-functions/weights/index.ts';

/** A number of a configuration, to five digits. */
export const rounded = (x: number): number => Number(x.toPrecision(5));

/** What is known of a trained network, kept in its file so that a training can be told apart and resumed. */
export interface Provenance {
  step: number;
  seed: number;
  data: string;
}

/**
 * Writes a network into a profile's folder: weights as float16, or large ones in 8 bits, `NAME.safetensors`, configuration into `profile.json`
 * (which is started when it is not there).
 */
export async function exportNetwork(
  folder: string,
  name: string,
  config: object,
  weights: WeightMap,
  provenance: Provenance,
  bits: 8 | 16 = 16,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const small = bits === 8 ? quantised(weights) : weights;
  const halved = new Map([...small].map(([key, tensor]) => [key, toFloat16(tensor)]));
  const file = `${name}.safetensors`;
  const metadata = Object.fromEntries(Object.entries(provenance).map(([key, value]) => [key, String(value)]));
  await writeSafetensors(join(folder, file), halved, metadata);
  await updateManifest(folder, name, file, config);
  const bytes = [...halved.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  process.stderr.write(
    `wrote ${join(folder, file)}: ${(bytes / 1e6).toFixed(1)} MB, step ${provenance.step}\n`,
  );
}

/** Sets a network's entry in `profile.json`. */
export async function updateManifest(
  folder: string,
  name: string,
  file: string,
  config: object,
): Promise<void> {
  const path = join(folder, 'profile.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const manifest = text ? JSON.parse(text) : NEW_MANIFEST;
  manifest.networks[name] = { file, config };
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

const NEW_MANIFEST = {
  name: 'mini',
  version: '1',
  description: 'Small networks trained from scratch on renderings of synthetic people.',
  licence: 'CC0-1.0',
  networks: {} as Record<string, unknown>,
  stages: {},
};
