import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { WeightMap } from '../nn/index.ts';
import { readSafetensors } from './safetensors.ts';

/** A `profile.json`: which networks a model profile has, their sizes, and how stages use them. */
const manifestSchema = z.object({
  name: z.string().regex(/^[a-z0-9-]+$/),
  version: z.string(),
  description: z.string(),
  licence: z.string(),
  /** Each network's configuration and, when it has weights, its file beside the manifest. */
  networks: z.record(
    z.string(),
    z.object({ file: z.string().optional(), config: z.record(z.string(), z.unknown()) }),
  ),
  /** What the stages' graphs compute products with weights in; rendering and moments are always float32. */
  precision: z.enum(['float32', 'float16']).optional(),
  /** Settings of the stages, by stage name. */
  stages: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

export type ProfileManifest = z.infer<typeof manifestSchema>;

export interface Profile {
  readonly manifest: ProfileManifest;
  readonly folder: string;
  /** SHA-256 over the manifest and every file it names: equal digests mean equal results. */
  readonly digest: string;
  /** The configuration of a network. @throws Error when the profile has no such network. */
  config<T>(network: string): T;
  /** The weights of a network, read from its file. @throws Error when the profile has none. */
  weights(network: string): Promise<WeightMap>;
  /** The text of a network's file (vocabularies). */
  text(network: string): Promise<string>;
}

const BUNDLED = fileURLToPath(new URL('.', import.meta.url));

/**
 * Loads a profile by name (bundled, or a folder below `$PORTRAIT_PROFILES`) or by the path of its folder.
 * @throws Error that says where it looked and what is wrong.
 */
export async function loadProfile(nameOrFolder: string): Promise<Profile> {
  const { folder, text } = await findManifest(nameOrFolder);
  const manifest = parseManifest(join(folder, 'profile.json'), text);
  const network = (name: string) => {
    const found = manifest.networks[name];
    if (!found) {
      throw new Error(
        `The profile '${manifest.name}' has no network '${name}'; it has ${Object.keys(manifest.networks).join(', ')}.`,
      );
    }
    return found;
  };
  const file = (name: string) => {
    const { file } = network(name);
    if (!file) throw new Error(`The profile '${manifest.name}' names no file for the network '${name}'.`);
    return join(folder, file);
  };
  return {
    manifest,
    folder,
    digest: await digestOf(folder, text, manifest),
    config: <T>(name: string) => network(name).config as T,
    weights: async (name) => (await readSafetensors(file(name))).tensors,
    text: async (name) => readFile(file(name), 'utf8'),
  };
}

/** Names of the profiles that can be loaded by name. */
export async function listProfiles(): Promise<string[]> {
  const names = new Set<string>();
  for (const root of roots()) {
    for (const entry of await readdir(root, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory()) continue;
      const has = await readFile(join(root, entry.name, 'profile.json')).catch(() => undefined);
      if (has) names.add(entry.name);
    }
  }
  return [...names].toSorted();
}

function roots(): string[] {
  const own = process.env['PORTRAIT_PROFILES'];
  return own ? [resolve(own), BUNDLED] : [BUNDLED];
}

async function findManifest(nameOrFolder: string): Promise<{ folder: string; text: string }> {
  const isPath = /[/\\.]/.test(nameOrFolder);
  const folders = isPath ? [resolve(nameOrFolder)] : roots().map((root) => join(root, nameOrFolder));
  for (const folder of folders) {
    const text = await readFile(join(folder, 'profile.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return { folder, text };
  }
  throw new Error(
    `No model profile '${nameOrFolder}': there is no profile.json in ${folders.join(' or ')}. ` +
      `Known profiles: ${(await listProfiles()).join(', ') || 'none'}; set PORTRAIT_PROFILES to a folder of your own.`,
  );
}

function parseManifest(path: string, text: string): ProfileManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`'${path}' is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw new Error(`'${path}' is not a model profile: ${z.prettifyError(parsed.error)}`);
  for (const [name, { file }] of Object.entries(parsed.data.networks)) {
    if (file && /(^|[/\\])\.\.([/\\]|$)|^[/\\]/.test(file)) {
      throw new Error(`'${path}': the file of '${name}' must lie inside the profile's folder.`);
    }
  }
  return parsed.data;
}

async function digestOf(folder: string, text: string, manifest: ProfileManifest): Promise<string> {
  const total = createHash('sha256').update(text);
  const files = new Set(Object.values(manifest.networks).flatMap(({ file }) => file ?? []));
  for (const file of [...files].toSorted()) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, file))) hash.update(chunk as Uint8Array);
    total.update(`\n${file} ${hash.digest('hex')}`);
  }
  return total.digest('hex');
}
