import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { buildWorker, openEdgePlatform } from './edge-platform.ts';

/** The edge worker of a local service: bundled, and run until SIGTERM. */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    /** Folder of the bundle, R2 and Durable Objects. */
    state: { type: 'string' },
    /** File of variables and secrets: arguments can be read by everybody on the machine. */
    env: { type: 'string' },
  },
});
const state = values.state!;
mkdirSync(state, { recursive: true, mode: 0o700 });
const bundle = join(state, 'worker.js');
await buildWorker(bundle, { minify: false });
const bindings = parseEnv(readFileSync(values.env!, 'utf8')) as Record<string, string>;
const platform = openEdgePlatform({ bundle, state, port: Number(values.port), bindings });
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void platform.dispose().finally(() => process.exit()));
await platform.ready;
