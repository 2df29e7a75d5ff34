import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { parse } from 'smol-toml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What is read of wrangler.toml. */
interface WranglerConfig {
  name: string;
  compatibility_date: string;
  compatibility_flags: string[];
  vars: Record<string, string>;
  r2_buckets: { binding: string; bucket_name: string }[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  migrations: { new_sqlite_classes: string[] }[];
}

/** The worker of wrangler.toml as Miniflare's options have it. wrangler reads it too, but takes a second of its own to load. */
export function workerOptions() {
  const config = parse(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')) as unknown as WranglerConfig;
  const sqlite = config.migrations.flatMap((migration) => migration.new_sqlite_classes);
  return {
    name: config.name,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    bindings: config.vars,
    r2Buckets: Object.fromEntries(config.r2_buckets.map(({ binding, bucket_name: id }) => [binding, { id }])),
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name: className }) => [
        name,
        { className, useSQLite: sqlite.includes(className) },
      ]),
    ),
  };
}

/** Bundles the worker as `wrangler deploy` does. Nothing of the bundler stays behind. */
export async function buildWorker(outfile: string, options: { minify: boolean }): Promise<void> {
  await build({
    ...options,
    entryPoints: [join(ROOT, 'edge/worker.ts')],
    outfile,
    bundle: true,
    sourcemap: !options.minify,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'warning',
  });
  await stop();
}

export interface EdgePlatformOptions {
  /** Path of the worker's bundle. */
  bundle: string;
  /** Folder of R2 and Durable Objects. */
  state: string;
  /** 0 for a free one. */
  port: number;
  /** Variables and secrets, beside those of wrangler.toml. */
  bindings: Record<string, string>;
  /** Port of the inspector, where there is to be one. */
  inspectorPort?: number;
  /** Takes what the worker logs; the standard output where nothing is said. */
  onLog?: () => void;
}

/** Starts the worker in one workerd on 127.0.0.1, without wrangler and its proxy. Nothing is asked for outside this machine. */
export function openEdgePlatform(options: EdgePlatformOptions): Miniflare {
  const { bundle, state, port, bindings, inspectorPort, onLog } = options;
  const worker = workerOptions();
  return new Miniflare({
    ...convertV4MiniflareOptions({
      ...worker,
      rootPath: state,
      modules: [{ type: 'ESModule', path: bundle }],
      bindings: { ...worker.bindings, ...bindings },
      host: '127.0.0.1',
      port,
      cf: false,
      log: new Log(LogLevel.WARN),
      telemetry: { enabled: false },
      ...(inspectorPort !== undefined && { inspectorPort }),
      ...(onLog && { handleStructuredLogs: onLog }),
    }),
    enableDevRegistry: false,
    resourcePersistencePath: join(state, 'platform'),
  });
}
