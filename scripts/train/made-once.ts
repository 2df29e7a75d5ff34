import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** 16 hexadecimal digits that name what is made of some contents: other contents give others. */
export function digestOf(contents: Iterable<string | NodeJS.ArrayBufferView>): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex').slice(0, 16);
}

/**
 * The path of a file that is made where it is not there yet, and kept for the next run. What an error or Ctrl-C leaves half made is removed.
 *
 * @param make writes the file at the path that it is given
 */
export async function madeOnce(
  folder: string,
  name: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const partial = `${path}.partial`;
  try {
    await make(partial);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return path;
}

/** The same of float32 numbers, which are computed at once and held in memory. */
export async function computedOnce(
  folder: string,
  name: string,
  compute: () => Promise<Float32Array>,
): Promise<Float32Array> {
  const path = await madeOnce(folder, name, async (partial) => writeFile(partial, await compute()));
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
}
