import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Packages that are native, or load files of their own; the image installs them from the lock file. */
const INSTALLED = [
  'onnxruntime-node',
  'sharp',
  'watlas',
  'h264-mp4-encoder',
  'meshoptimizer',
  'modal',
  'nice-grpc',
];

/** Programs of the image, and the modules that they start in processes and threads of their own. */
const ENTRIES = {
  main: 'gpu-functions/server/main.ts',
  gateway: 'gpu-functions/gateway/main.ts',
  'stage-worker': 'gpu-functions/server/stage-worker.ts',
  'session-worker': 'gpu-functions/graph/session-worker.ts',
  'studio-worker': 'gpu-functions/stages/render/studio-worker.ts',
};

/** A module named beside the one that starts it lies beside it in the bundle too, as JavaScript. */
const startedModules: Plugin = {
  name: 'started-modules',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]gpu-functions[\\/].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll(
        /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g,
        (_, name: string) => {
          if (!(name in ENTRIES)) throw new Error(`${path} starts ${name}.ts: add it to the image's entries`);
          return `new URL('./${name}.js', import.meta.url)`;
        },
      ),
    }));
  },
};

/**
 * Writes the context of the container image: the programs bundled into one file each, the bundled profile, what npm
 * needs to install the rest, and the Dockerfile and Modal app that use them.
 */
export async function buildImage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const programs = join(folder, 'gpu-functions/server');
  mkdirSync(programs, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: programs,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: INSTALLED,
    plugins: [startedModules],
    // For CommonJS packages in the bundle that require modules of Node.
    banner: { js: "import { createRequire as $r } from 'node:module'; const require = $r(import.meta.url);" },
    logLevel: 'warning',
  });
  const copy = (from: string, to: string) => cpSync(join(ROOT, from), join(folder, to), { recursive: true });
  copy('gpu-functions/weights/mini', 'gpu-functions/server/mini');
  copy('shared/gpu-functions.json', 'gpu-functions.json');
  for (const file of ['package.json', 'package-lock.json']) copy(file, file);
  for (const file of readdirSync(join(ROOT, 'gpu-functions/container'))) {
    if (/^(Dockerfile|[a-z_]+\.py)$/.test(file)) copy(`gpu-functions/container/${file}`, file);
  }
}
