import { readFile } from 'node:fs/promises';
import type { Port } from './model-writer.ts';

export async function readPorts(
  path: string,
): Promise<{ inputs: Port[]; outputs: Port[]; scatters: boolean }> {
  const bytes = await readFile(path);
  throw new Error(`reading ${bytes.length}`);
}
