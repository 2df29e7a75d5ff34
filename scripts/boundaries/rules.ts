/**
 * The rooms of the house, longest path first where one lies in another, and which rooms each may import besides
 * itself. `shared` imports nobody; edge and GPU functions meet only in `shared`; inside gpu-functions the order is
 * graph ← nn ← weights ← portrait, diffusion ← stages ← server ← gateway. Nobody imports scripts or test.
 */
const GRAPH = 'gpu-functions/graph';
const NN = 'gpu-functions/nn';
const WEIGHTS = 'gpu-functions/weights';
const PORTRAIT = 'gpu-functions/portrait';
const DIFFUSION = 'gpu-functions/diffusion';
const STAGES = 'gpu-functions/stages';
const SERVER = 'gpu-functions/server';
const GATEWAY = 'gpu-functions/gateway';

const NETWORKS = [GRAPH, NN, WEIGHTS, PORTRAIT, DIFFUSION];
const EVERYTHING = ['shared', 'edge', ...NETWORKS, STAGES, SERVER, GATEWAY, 'scripts', 'test'];

export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  edge: ['shared'],
  [GRAPH]: ['shared'],
  [NN]: ['shared', GRAPH],
  [WEIGHTS]: ['shared', GRAPH, NN],
  [PORTRAIT]: ['shared', GRAPH, NN, WEIGHTS],
  [DIFFUSION]: ['shared', GRAPH, NN, WEIGHTS],
  [STAGES]: ['shared', ...NETWORKS],
  [SERVER]: ['shared', ...NETWORKS, STAGES],
  [GATEWAY]: ['shared', WEIGHTS, SERVER],
  scripts: EVERYTHING,
  test: EVERYTHING,
};

/** Packages that need Node or native code, and so cannot run in workerd; `shared` runs in both and does no I/O. */
const NODE_ONLY = /^(node:|onnxruntime-node$|sharp$|@hono\/node-server)/;

/** One import: the file it stands in, its line, and what it names. Paths are relative to the repository, with `/`. */
export interface Import {
  file: string;
  line: number;
  specifier: string;
}

/** The room a path lies in, or undefined outside every room. */
export function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS).find((room) => path.startsWith(`${room}/`));
}

/** What is wrong with an import and what to do about it, or undefined when it is allowed. */
export function violation({ file, line, specifier }: Import): string | undefined {
  const from = roomOf(file);
  const at = `${file}:${line}`;
  if (!from) return undefined;
  if (!specifier.startsWith('.')) {
    const isTest = file.endsWith('.test.ts');
    if ((from === 'shared' || from === 'edge') && !isTest && NODE_ONLY.test(specifier)) {
      return `${at}: ${from} runs in workerd and may not import '${specifier}'. Use a web API, or move this to gpu-functions or scripts.`;
    }
    return undefined;
  }
  const target = resolve(file, specifier);
  const to = roomOf(target);
  if (to === from) return undefined;
  if (!to) {
    // The repository's own package.json and wrangler.toml may be read by tools.
    if (from === 'scripts' || from === 'test') return undefined;
    return `${at}: ${from} may not import '${specifier}', which lies in no room. Move it into one.`;
  }
  const allowed = ROOMS[from]!;
  if (!allowed.includes(to)) {
    const may = allowed.length ? `only ${allowed.join(', ')}` : 'no other room';
    return `${at}: ${from} may not import ${to} ('${specifier}'). ${from} may import ${may}.`;
  }
  const privileged = from === 'scripts' || from === 'test';
  if (!privileged && target !== `${to}/index.ts`) {
    return `${at}: '${specifier}' goes round the door of ${to}. Export what you need from ${to}/index.ts and import that.`;
  }
  return undefined;
}

/** The repository path an import of `specifier` in `file` means. */
function resolve(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
