import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { GraphError } from '../tensor.ts';
import type { ExternalFiles } from './tensor-reader.ts';

/** Node reads fewer than 2³¹ bytes at once. */
const MOST_AT_ONCE = 1 << 30;

/**
 * The files in the folder of a model, of which pieces are read when they are asked for. A model's file says itself where its weights lie, so
 * nothing outside the folder is read: not by `..`, not by an absolute path, not by a symbolic link, and nothing but ordinary files.
 */
export function filesBeside(folder: string): ExternalFiles {
  return (location, offset, length) => {
    const file = openSync(
      placeOf(folder, location),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      const stat = fstatSync(file);
      if (!stat.isFile())
        throw new GraphError(`the model's weights in '${location}' are not in an ordinary file`);
      if (offset + length > stat.size) {
        throw new GraphError(
          `the model's weights in '${location}' end at ${stat.size} bytes, but ${length} bytes from ${offset} are needed; fetch the file again`,
        );
      }
      return read(file, offset, length);
    } finally {
      closeSync(file);
    }
  };
}

/**
 * Where a file beside a model is.
 * @throws GraphError where it is not in the folder
 */
export function placeOf(folder: string, location: string): string {
  const parts = location.split(/[/\\]/);
  if (
    location === '' ||
    isAbsolute(location) ||
    parts.includes('..') ||
    location.includes('\0') ||
    /^[a-z]:/i.test(location)
  ) {
    throw new GraphError(
      `the model asks for weights in '${location}', outside of its folder; that is not read`,
    );
  }
  const home = realpathSync(folder);
  let place: string;
  try {
    place = realpathSync(join(home, location));
  } catch (error) {
    throw new GraphError(
      `the model's weights lie in '${location}', which is not in its folder; put it there`,
      {
        cause: error,
      },
    );
  }
  if (!place.startsWith(home.endsWith(sep) ? home : home + sep)) {
    throw new GraphError(
      `the model asks for weights in '${location}', a link out of its folder; that is not read`,
    );
  }
  return place;
}

/** A piece of a file, which is known to be long enough. */
export function read(file: number, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(file, bytes, done, Math.min(MOST_AT_ONCE, length - done), offset + done);
    if (count === 0) throw new GraphError('a file became shorter while it was read; try again');
    done += count;
  }
  return bytes;
}
