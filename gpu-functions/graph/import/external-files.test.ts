import {
  mkdtempSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as g from '../index.ts';
import { writeModel } from '../model-writer.ts';

const root = mkdtempSync(join(tmpdir(), 'external-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, 'model');
mkdirSync(folder);
mkdirSync(join(root, 'model-beside'));
writeFileSync(join(root, 'secret'), new Uint8Array(64));
writeFileSync(join(root, 'model-beside', 'secret'), new Uint8Array(64));
writeFileSync(join(folder, 'weights'), new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer));
symlinkSync('../secret', join(folder, 'link'));
symlinkSync('weights', join(folder, 'inside'));
mkdirSync(join(folder, 'folder'));

const port = (name: string): g.Port => ({ name, shape: [2], dtype: 'float32' });

/** y = x + w, where w [2] lies elsewhere. */
function save(location: string, offset: number): string {
  const path = join(folder, 'model.onnx');
  const graph = {
    name: 'g',
    nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'], attributes: {} }],
    initializers: [{ name: 'w', tensor: g.hostTensor([0, 0], [2]) }],
    inputs: [port('x')],
    outputs: [port('y')],
  };
  writeFileSync(path, writeModel(graph, 18, new Map([['w', { location, offset }]])));
  return path;
}
const weights = (location: string, offset = 0): number[] =>
  [...g.importModelFile(save(location, offset)).initializers.w.node.tensor!.data].map(Number);

describe('weights in a file of their own', () => {
  it('are read from where the model says', () => {
    expect(weights('weights')).toEqual([1, 2]);
    expect(weights('weights', 8)).toEqual([3, 4]);
    expect(weights('./inside', 4)).toEqual([2, 3]);
  });

  it.each([
    '../secret',
    '/etc/passwd',
    'folder/../../secret',
    '..\\secret',
    '',
    'C:\\secret',
    '../model-beside/secret',
    'a\0b',
  ])('are not read outside of the folder: %j', (location) => {
    expect(() => weights(location)).toThrow('outside of its folder; that is not read');
  });

  it('are not read outside of the folder by a session either', async () => {
    for (const location of ['../secret', 'link']) {
      const opening = g.openSession({ path: save(location, 0) }, { inline: true });
      await expect(opening).rejects.toThrow('that is not read');
    }
    const session = await g.openSession({ path: save('weights', 8) }, { inline: true });
    const { y } = await session.run({ x: g.hostTensor([1, 1], [2]) });
    await session.close();
    expect([...y.data]).toEqual([4, 5]);
  });

  it('are not read through a link out of the folder, nor from what is no file', () => {
    expect(() => weights('link')).toThrow('a link out of its folder');
    expect(() => weights('folder')).toThrow('not in an ordinary file');
    expect(() => weights('absent')).toThrow('not in its folder; put it there');
  });

  it('must be there in full', () => {
    expect(() => weights('weights', 12)).toThrow("'weights' end at 16 bytes, but 8 bytes from 12 are needed");
  });

  it('may lie beyond 4 GB', () => {
    const offset = 5 * 2 ** 30;
    const file = openSync(join(folder, 'large'), 'w');
    writeSync(file, new Uint8Array(new Float32Array([7, 8]).buffer), 0, 8, offset);
    closeSync(file);
    expect(weights('large', offset)).toEqual([7, 8]);
    truncateSync(join(folder, 'large'), offset + 4);
    expect(() => weights('large', offset)).toThrow(`end at ${offset + 4} bytes`);
  });

  it('lie past 2 and 4 GB of their file, of which only what is needed is read', async () => {
    const [path, data] = [join(folder, 'large.onnx'), join(folder, 'large.data')];
    const places = { near: 8, past2: 2 ** 31 + 4096, past4: 2 ** 32 + 4096, last: 6 * 2 ** 30 - 8 };
    // The file is 6 GB long, but what was never written takes no room on the disk.
    const file = openSync(data, 'w');
    truncateSync(data, 6 * 2 ** 30);
    for (const [i, offset] of Object.values(places).entries()) {
      writeSync(file, new Uint8Array(Float32Array.of(i + 1, 10 * i).buffer), 0, 8, offset);
    }
    closeSync(file);
    const names = Object.keys(places);
    const empty = g.hostTensor([0, 0], [2]);
    // 2 GB that no wanted output needs.
    const unneeded = { shape: [2 ** 29], dtype: 'float32', data: empty.data } as const;
    const external = new Map(
      Object.entries({ ...places, unneeded: 0 }).map(([name, offset]) => [
        name,
        { location: 'large.data', offset },
      ]),
    );
    const graph = {
      name: 'g',
      nodes: [
        { op: 'Sum', inputs: ['x', ...names], outputs: ['y'], attributes: {} },
        { op: 'ReduceSum', inputs: ['unneeded'], outputs: ['z'], attributes: {} },
      ],
      initializers: [
        ...names.map((name) => ({ name, tensor: empty })),
        { name: 'unneeded', tensor: unneeded },
      ],
      inputs: [port('x')],
      outputs: [port('y'), { name: 'z', shape: [1], dtype: 'float32' as const }],
    };
    writeFileSync(path, writeModel(graph, 18, external));
    const before = process.memoryUsage().rss;
    const { outputs, initializers } = g.importModelFile(path, { outputs: ['y'] });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
    expect(Object.keys(initializers)).toEqual(names);
    expect(names.map((name) => Number(initializers[name].node.tensor!.data[0]))).toEqual([1, 2, 3, 4]);
    const { y } = await g.evaluate(outputs, { x: g.hostTensor([100, 100], [2]) });
    expect([...y.data]).toEqual([110, 160]);
  });
});
