import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { unstable_readConfig as readConfig } from 'wrangler';
import { buildImage } from './build-image.ts';
import { missingOf, stageServer, type Configuration, type Eyes, type Missing } from './configuration.ts';
import { ask, ROOT, work, wrangler } from './tools.ts';

const USAGE = `Usage: npm run deploy -- [options]
  --modal     deploy the GPU functions and the gateway to Modal first
  --dry-run   build everything, ask nobody, change nothing
Reads the environment: GPU_URL, STAGE_SERVER_TOKEN; with --modal also MODAL_TOKEN_ID, MODAL_TOKEN_SECRET,
PORTRAIT_PROFILE and PORTRAIT_WEIGHTS. See docs/deploy.md.`;

/** The most that the worker may weigh, compressed. */
const WORKER_LIMIT = 2 ** 20;

/** How long the gateway may take to come up. */
const GATEWAY_MS = 600_000;

const WORKER = join(ROOT, 'dist/worker');
const IMAGE = join(ROOT, 'dist/image');

/** What is read of wrangler.toml. */
interface WranglerConfig {
  name: string;
  r2_buckets: { binding: string; bucket_name: string }[];
}

const eyes: Eyes = {
  wrangler: (...args) => ask(...wrangler(...args)),
  modal: (...args) => ask('modal', args),
  fetch: (url, init) => fetch(url, { signal: AbortSignal.timeout(15_000), ...init }),
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { modal, dryRun } = readOptions();
  const { env } = process;
  const { name, r2_buckets } = readConfig({ config: join(ROOT, 'wrangler.toml') }) as WranglerConfig;
  const bucket = r2_buckets.find(({ binding }) => binding === 'ARTIFACTS')!.bucket_name;
  const configuration: Configuration = { worker: name, bucket, modal, env };
  if (dryRun) {
    await build();
    return 0;
  }
  console.log('Checking the configuration…');
  const missing = await missingOf(configuration, eyes);
  if (missing.length > 0) return tell(missing);
  await build();
  if (modal) {
    await work('modal', ['deploy', join(IMAGE, 'modal_app.py')]);
    const absent = await gatewayUp(configuration);
    if (absent.length > 0) return tell(absent);
  }
  await work(...wrangler('deploy', '--minify', '--keep-vars', '--var', `GPU_URL:${env['GPU_URL']}`));
  return 0;
}

/** Builds worker and image into dist. @throws Error where the worker is too large. */
async function build(): Promise<void> {
  await work(...wrangler('deploy', '--dry-run', '--minify', '--outdir', WORKER));
  const bytes = gzipSync(readFileSync(join(WORKER, 'worker.js'))).length;
  console.log(`worker: ${Math.ceil(bytes / 1024)} KiB compressed, of ${WORKER_LIMIT / 1024}`);
  if (bytes > WORKER_LIMIT) throw new Error('The worker is larger than it may be: look at what it imports.');
  await buildImage(IMAGE);
  console.log(`image: ${IMAGE}, to be built with \`docker build ${IMAGE}\``);
}

/** What the gateway still lacks when its patience is over; nothing where it is ready. */
async function gatewayUp(configuration: Configuration): Promise<Missing[]> {
  const until = Date.now() + GATEWAY_MS;
  for (;;) {
    const missing = await stageServer(configuration, eyes);
    if (missing.length === 0 || Date.now() > until) return missing;
    await delay(5_000);
  }
}

function tell(missing: readonly Missing[]): number {
  console.error('Missing:');
  for (const { what, todo } of missing) console.error(`- ${what}: ${todo}`);
  console.error('The worker was not changed.');
  return 1;
}

function readOptions(): { modal: boolean; dryRun: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        modal: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
      },
    });
    return { modal: values.modal, dryRun: values['dry-run'] };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
