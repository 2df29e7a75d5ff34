import { closeSync, fstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { GraphError } from '../tensor.ts';
import { filesBeside, read } from './external-files.ts';
import { importModel, type ImportedModel, type ImportOptions } from './import-model.ts';

/** Where protobuf ends. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Import the model in a file, with weights from the files beside it. See {@link importModel}.
 * @throws GraphError also where there is no such file, or it is longer than a model file may be
 */
export function importModelFile(path: string, options: ImportOptions = {}): ImportedModel {
  return importModel(readWhole(path), { external: filesBeside(dirname(path)), ...options });
}

function readWhole(path: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new GraphError(`the model '${path}' cannot be opened: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    const { size } = fstatSync(file);
    if (size > MOST_BYTES) {
      throw new GraphError(
        `'${path}' is longer than the 2 GB of a model file; save its weights in a file beside it`,
      );
    }
    return read(file, 0, size);
  } finally {
    closeSync(file);
  }
}
