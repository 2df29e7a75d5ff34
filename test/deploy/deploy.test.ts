import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { missingOf, type Configuration, type Eyes } from '../../scripts/deploy/configuration.ts';
import { STAGE_VERSIONS, type Health } from '../../shared/index.ts';

/** Wrangler takes seconds to start on a free machine, and much longer on a busy one. */
const LONG_MS = 300_000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const token = 'a-token-that-only-these-tests-know';
const env = { GPU_URL: 'https://gpu.test', STAGE_SERVER_TOKEN: token };
const configuration: Configuration = { worker: 'portrait3d', bucket: 'artifacts', modal: false, env };
let health: Health;

beforeAll(async () => {
  const { digest } = await loadProfile('mini');
  health = {
    status: 'READY',
    profile: 'mini',
    provider: 'cuda',
    digest,
    stages: STAGE_VERSIONS,
    version: '0.1.0',
  };
});

/** A world in which nothing is missing, but for what a test takes away. */
function world(
  changes: { wrangler?: Record<string, number>; health?: Partial<Health>; secrets?: string[] } = {},
) {
  const asked: string[] = [];
  const secrets = changes.secrets ?? ['SIGNING_SECRET', 'STAGE_SERVER_TOKEN'];
  const eyes: Eyes = {
    async wrangler(...args) {
      asked.push(args.slice(0, 2).join(' '));
      const stdout = args[0] === 'secret' ? JSON.stringify(secrets.map((name) => ({ name }))) : '';
      return { status: changes.wrangler?.[args[0]!] ?? 0, stdout };
    },
    async modal(...args) {
      asked.push(`modal ${args.slice(0, 2).join(' ')}`);
      return { status: 0, stdout: '[{"Name": "portrait3d-stages"}, {"Name": "portrait3d-gateway"}]' };
    },
    async fetch(url, init) {
      const { pathname } = new URL(url);
      if (pathname === '/health') return Response.json({ ...health, ...changes.health });
      const { authorization } = (init?.headers ?? {}) as Record<string, string>;
      if (pathname.startsWith('/runs/'))
        return new Response('', { status: authorization === `Bearer ${token}` ? 404 : 401 });
      if (pathname === '/weights.json')
        return Response.json({ files: [{ path: 'own/a.bin', sha256: '0'.repeat(64), size: 3 }] });
      if (pathname === '/own/a.bin') return new Response(null, { headers: { 'content-length': '3' } });
      return new Response('', { status: 404 });
    },
  };
  return { eyes, asked };
}

const missing = async (changes?: Parameters<typeof world>[0], other: Partial<Configuration> = {}) =>
  (await missingOf({ ...configuration, ...other }, world(changes).eyes)).map(
    ({ what, todo }) => `${what}: ${todo}`,
  );

describe('what a deployment misses', () => {
  test('is nothing where all is there; and looking changes nothing', async () => {
    const { eyes, asked } = world();
    expect(
      await missingOf(
        { ...configuration, env: { ...env, PORTRAIT_WEIGHTS: 'https://w.test/weights.json' } },
        eyes,
      ),
    ).toEqual([]);
    expect(asked.toSorted()).toEqual(['r2 bucket', 'secret list', 'whoami --json']);
  });

  test('is a bucket, and a secret', async () => {
    expect(await missing({ wrangler: { r2: 1 }, secrets: ['SIGNING_SECRET'] })).toEqual([
      expect.stringContaining('r2 bucket create artifacts'),
      expect.stringContaining('secret put STAGE_SERVER_TOKEN'),
    ]);
    // A worker that was never deployed has none.
    expect((await missing({ wrangler: { secret: 1 } })).length).toBe(2);
  });

  test('is an address that a worker can reach, a token that is taken, a server that is ready', async () => {
    expect(await missing({}, { env: { ...env, GPU_URL: 'http://127.0.0.1:8790' } })).toEqual([
      expect.stringContaining('https address'),
    ]);
    expect(await missing({}, { env: { ...env, STAGE_SERVER_TOKEN: `${token}x` } })).toEqual([
      expect.stringContaining('another one there'),
    ]);
    expect(await missing({ health: { status: 'SETUP_FAILED', message: 'no GPU' } })).toEqual([
      expect.stringContaining('no GPU'),
    ]);
  });

  test('is the same version of stages and weights on both sides', async () => {
    expect(await missing({ health: { stages: { ...STAGE_VERSIONS, render: 999 } } })).toEqual([
      expect.stringContaining('this version of render'),
    ]);
    expect(await missing({ health: { digest: 'other' } })).toEqual([
      expect.stringContaining('weights of mini'),
    ]);
  });

  test('is weights by digest', async () => {
    const weights = (url: string) => missing({}, { env: { ...env, PORTRAIT_WEIGHTS: url } });
    expect(await weights('https://w.test/none.json')).toEqual([expect.stringContaining('HTTP 404')]);
    expect(await weights('https://w.test/health')).toEqual([expect.stringContaining('cannot be used')]);
    expect(await missing({}, { env: { ...env, PORTRAIT_PROFILE: 'own' } })).toEqual([
      expect.stringContaining('PORTRAIT_WEIGHTS'),
    ]);
  });

  test('is a token of Modal, where the functions are deployed there', async () => {
    expect(await missing({}, { modal: true })).toEqual([
      expect.stringContaining('MODAL_TOKEN_ID'),
      expect.stringContaining('MODAL_TOKEN_SECRET'),
    ]);
    const keys = { MODAL_TOKEN_ID: 'ak', MODAL_TOKEN_SECRET: 'as' };
    expect(await missing({}, { modal: true, env: { ...env, ...keys } })).toEqual([]);
  });
});

describe('npm run deploy', () => {
  const home = mkdtempSync(join(tmpdir(), 'deploy-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const deploy = (...args: string[]) =>
    spawnSync(process.execPath, ['scripts/deploy/main.ts', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      // Nobody's login, and no address.
      env: { PATH: process.env['PATH'], HOME: home },
    });

  test(
    'without any configuration says all that is missing at once, and fails',
    () => {
      const { status, stderr, stdout } = deploy('--modal');
      expect(status).toBe(1);
      for (const name of [
        'wrangler login',
        'GPU_URL',
        'STAGE_SERVER_TOKEN',
        'MODAL_TOKEN_ID',
        'MODAL_TOKEN_SECRET',
      ])
        expect(stderr).toContain(name);
      expect(stderr).toContain('The worker was not changed.');
      expect(stdout).not.toContain('Total Upload');
    },
    LONG_MS,
  );

  test(
    '--dry-run builds everything; the worker is at most 1 MiB compressed',
    () => {
      const { status, stdout, stderr } = deploy('--dry-run');
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout).toContain('--dry-run: exiting now');
      const worker = join(ROOT, 'dist/worker/worker.js');
      expect(Date.now() - statSync(worker).mtimeMs).toBeLessThan(LONG_MS);
      expect(gzipSync(readFileSync(worker)).length).toBeLessThanOrEqual(2 ** 20);
      expect(statSync(join(ROOT, 'dist/image/Dockerfile')).size).toBeGreaterThan(0);
    },
    LONG_MS,
  );
});
