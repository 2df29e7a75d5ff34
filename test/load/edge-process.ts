import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { buildWorker, openEdgePlatform } from '../../scripts/dev/edge-platform.ts';
import { processesBelow } from '../../scripts/dev/processes.ts';

/** A file system in memory: what is measured there is the processor, not the disk. */
const IN_MEMORY = '/dev/shm';

/** Where state goes that is thrown away afterwards. */
export function newStateFolder(parent?: string): string {
  const inMemory = readdirSync('/dev').includes('shm') ? IN_MEMORY : tmpdir();
  return mkdtempSync(join(parent ?? inMemory, 'portrait-load-'));
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
  await buildWorker(bundle, { minify: true });
  const before = new Set(processesBelow(process.pid).map(({ pid }) => pid));
  // A line for each request would measure the terminal.
  const platform = openEdgePlatform({
    bundle,
    state,
    port: 0,
    bindings,
    inspectorPort: 0,
    onLog: () => {},
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
