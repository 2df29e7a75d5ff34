import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Model } from './compile.ts';
import { bytesOf, writeModel, type External } from './model-writer.ts';

export interface SaveOptions {
  /** Weights of more bytes than this together go to a file of their own, `<path>.data`; protobuf ends at 2 GB. */
  readonly externalAbove?: number;
}

/** Places in the data file start at multiples of this, so that they can be mapped into memory. */
const ALIGNMENT = 4096;

/** Write a compiled model as an ONNX file, large weights beside it. Existing files are replaced at once, not bit by bit. */
export async function saveModel(path: string, model: Model, options: SaveOptions = {}): Promise<void> {
  const { externalAbove = 1.5e9 } = options;
  const { initializers } = model.graph;
  const total = initializers.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
  const external = total > externalAbove ? await writeData(`${path}.data`, model) : undefined;
  await writeFile(`${path}.part`, external ? writeModel(model.graph, model.opset, external) : model.bytes);
  await rename(`${path}.part`, path);
}

/** Node writes fewer than 2³¹ bytes at once. */
const MOST_AT_ONCE = 1 << 30;

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const length = Math.min(MOST_AT_ONCE, bytes.length - done);
    done += (await file.write(bytes, done, length, offset + done)).bytesWritten;
  }
}

async function writeData(path: string, model: Model): Promise<Map<string, External>> {
  const places = new Map<string, External>();
  const file = await open(`${path}.part`, 'w');
  try {
    let offset = 0;
    for (const { name, tensor } of model.graph.initializers) {
      if (tensor.data.byteLength < 1024) continue;
      places.set(name, { location: basename(path), offset });
      await writeAll(file, bytesOf(tensor), offset);
      offset = Math.ceil((offset + tensor.data.byteLength) / ALIGNMENT) * ALIGNMENT;
    }
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
  return places;
}
