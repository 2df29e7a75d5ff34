import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchWeights } from '../fetch-weights.ts';

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');
let folder: string;
let server: Server;
let base: string;
let asked: IncomingHttpHeaders[];
/** How many bytes of an answer are sent before the connection breaks; by request. */
let breaks: number[];
let ranges: boolean;
let served: Buffer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weights-'));
  asked = [];
  breaks = [];
  ranges = true;
  served = bytes;
  server = createServer((request, response) => {
    if (request.url === '/weights.json')
      return response.end(
        JSON.stringify({ files: [{ path: 'own/unet.safetensors', sha256, size: bytes.length }] }),
      );
    if (request.url !== '/own/unet.safetensors') return response.writeHead(404).end();
    asked.push(request.headers);
    const from = ranges ? Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': served.length - from });
    const limit = breaks.shift();
    if (limit === undefined) return response.end(served.subarray(from));
    response.write(served.subarray(from, from + limit), () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const fetched = () => readFileSync(join(folder, 'own/unet.safetensors'));
const go = () => fetchWeights(`${base}/weights.json`, folder, () => {}, [1, 1]);

test('weights are fetched once, and again where they are damaged', async () => {
  await go();
  expect(fetched().equals(bytes)).toBe(true);
  expect(readdirSync(join(folder, 'own'))).toEqual(['unet.safetensors']);
  await go();
  expect(asked.length).toBe(1);
  writeFileSync(join(folder, 'own/unet.safetensors'), Buffer.alloc(bytes.length));
  await go();
  expect(fetched().equals(bytes)).toBe(true);
  expect(asked.length).toBe(2);
});

test('a transfer that breaks is gone on with, in this process and in the next', async () => {
  breaks = [100_000, 50_000];
  await go();
  expect(fetched().equals(bytes)).toBe(true);
  expect(asked.length).toBe(3);
  expect(asked[0]!.range).toBeUndefined();
  expect(Number(/\d+/.exec(asked[2]!.range!)![0])).toBeGreaterThan(0);

  rmSync(join(folder, 'own'), { recursive: true });
  asked = [];
  breaks = [100_000, 0, 0];
  await expect(go()).rejects.toThrow('what was fetched is kept');
  expect(existsSync(join(folder, 'own/unet.safetensors'))).toBe(false);
  await go();
  expect(fetched().equals(bytes)).toBe(true);
  expect(asked.at(-1)!.range).toMatch(/^bytes=[1-9]/);
});

test('a server without ranges is asked from the beginning', async () => {
  ranges = false;
  breaks = [100_000];
  await go();
  expect(fetched().equals(bytes)).toBe(true);
});

test('other bytes than the manifest says are never placed', async () => {
  served = Buffer.concat([bytes.subarray(1), Buffer.alloc(1)]);
  await expect(go()).rejects.toThrow('another size or digest');
  expect(readdirSync(join(folder, 'own'))).toEqual([]);
});

test('a manifest on disk names files beside it; one that leads outside, or is none, is refused', async () => {
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'a.bin'), 'abc');
  const digest = createHash('sha256').update('abc').digest('hex');
  const manifest = (path: string) => {
    writeFileSync(
      join(source, 'weights.json'),
      JSON.stringify({ files: [{ path, sha256: digest, size: 3, url: 'a.bin' }] }),
    );
    return fetchWeights(join(source, 'weights.json'), join(folder, 'to'), () => {}, []);
  };
  await manifest('own/a.bin');
  expect(readFileSync(join(folder, 'to/own/a.bin'), 'utf8')).toBe('abc');
  for (const path of ['../a.bin', '/a.bin', 'own/../../a.bin', '..'])
    await expect(manifest(path)).rejects.toThrow('inside the folder');
  await expect(fetchWeights(`${base}/none.json`, folder, () => {}, [])).rejects.toThrow('HTTP 404');
});
