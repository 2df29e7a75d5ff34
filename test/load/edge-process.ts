import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { processesBelow } from '../../scripts/dev/processes.ts';

export const CONFIG = fileURLToPath(new URL('../../wrangler.toml', import.meta.url));
const WORKER = fileURLToPath(new URL('../../edge/worker.ts', import.meta.url));

/** A file system in memory: what is measured there is the processor, not the disk. */
const IN_MEMORY = '/dev/shm';

/** Where state goes that is thrown away afterwards. */
export function newStateFolder(parent?: string): string {
  const inMemory = readdirSync('/dev').includes('shm') ? IN_MEMORY : tmpdir();
  return mkdtempSync(join(parent ?? inMemory, 'portrait-load-'));
}

/** Bundles the worker as `wrangler deploy --minify` does. */
export async function buildWorker(outfile: string): Promise<void> {
  await build({
    entryPoints: [WORKER],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
  });
}

/** The real worker in one workerd, as `wrangler deploy` would bundle it, without wrangler's proxy before it. */
export interface EdgeProcess {
  url: URL;
  /** The process that runs it. */
  pid: number;
  /** Where DevTools connect. */
  inspector: URL;
  close(): Promise<void>;
}

/** @param state folder of R2 and Durable Objects; it is deleted in the end. */
export async function startEdgeProcess(
  state: string,
  bindings: Record<string, string>,
): Promise<EdgeProcess> {
  const removeState = () => rmSync(state, { recursive: true, force: true });
  // However this process ends: what is in memory would stay there.
  process.once('exit', removeState);
  const bundle = join(state, 'worker.js');
  await buildWorker(bundle);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
  const before = new Set(processesBelow(process.pid).map(({ pid }) => pid));
  const platform = new Miniflare({
    ...convertV4MiniflareOptions({
      ...workerOptions,
      rootPath: state,
      modulesRules: undefined,
      modules: [{ type: 'ESModule', path: bundle }],
      bindings: { ...(workerOptions.bindings as Record<string, string>), ...bindings },
      host: '127.0.0.1',
      port: 0,
      inspectorPort: 0,
      // A line for each request would measure the terminal.
      handleStructuredLogs: () => {},
      cf: false,
    }),
    resourcePersistencePath: join(state, 'platform'),
  });
  const url = await platform.ready;
  const workerd = processesBelow(process.pid).find(
    ({ pid, command }) => !before.has(pid) && command.includes('workerd'),
  );
  if (!workerd) throw new Error('workerd is not running.');
  return {
    url,
    pid: workerd.pid,
    inspector: await platform.getInspectorURL(),
    async close() {
      await platform.dispose();
      removeState();
    },
  };
}
