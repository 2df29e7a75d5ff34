import {
  compile,
  constant,
  gradients,
  hostTensor,
  input,
  openSession,
  type HostTensor,
  type Model,
  type Session,
  type Value,
} from '../../../gpu-functions/graph/index.ts';
import { initialise, storedParameters, traceParameters } from '../../../gpu-functions/nn/index.ts';
import {
  cameraRays,
  cameraLabel,
  levelSizes,
  lookAtMatrix,
  pinhole,
  pixelCentres,
  pyramidTables,
  renderRays,
  tableField,
  type GeneratorConfig,
  type Rendered,
  type Tables,
} from '../../../gpu-functions/portrait/index.ts';
import { noise } from './works.ts';

export type Mode = 'exact' | 'fast';

/** Rays that one lane takes at once: what bounds the memory of a large picture. */
const CHUNK = 4096;

/** A tri-grid of random levels, a camera, and a picture's draws. */
export interface RenderSetting {
  readonly config: GeneratorConfig;
  readonly size: number;
  readonly mode: Mode;
  /** Rays split over this many sessions of one thread in backward runs; threads of the forward session. */
  readonly lanes: number;
}

const levelInputs = (config: GeneratorConfig): Value[] =>
  levelSizes(config).map((side) => input(`level${side}`, [1, 3, config.features * config.depth, side, side]));

/** Random levels, the same for every call. */
export function levelFeeds(config: GeneratorConfig): Record<string, HostTensor> {
  return Object.fromEntries(
    levelSizes(config).map((side) => [
      `level${side}`,
      noise([1, 3, config.features * config.depth, side, side]),
    ]),
  );
}

function frontCamera({ camera }: GeneratorConfig): HostTensor {
  const [x, y, z] = camera.lookAt;
  const matrix = lookAtMatrix([x, y, z + camera.radius], camera.lookAt);
  return hostTensor(Float32Array.from(cameraLabel(matrix, pinhole(camera.focal))), [1, 25]);
}

function decoderParameters(config: GeneratorConfig) {
  const specs = traceParameters((p) =>
    tableField(p, config, pyramidTables(levelInputs(config), config.depth, 'fast'))(input('at', [1, 1, 3])),
  );
  return storedParameters(initialise(specs, 1));
}

/** Rays [1, R] with given image points, rendered from tables. */
function renderGraph(config: GeneratorConfig, tables: Tables, pixels: Value, rays: number): Rendered {
  const { samples, importanceSamples } = config.rendering;
  const draws = {
    jitter: input('jitter', [1, rays, samples]),
    u: input('u', [1, rays, importanceSamples]),
  };
  const field = tableField(decoderParameters(config), config, tables);
  return renderRays(field, cameraRays(input('camera', [1, 25]), pixels), draws, config.rendering);
}

/** Draws in [0, 1) of some rays. */
function drawFeeds({ rendering }: GeneratorConfig, rays: number): Record<string, HostTensor> {
  const unit = (count: number): HostTensor => {
    const tensor = noise([1, rays, count]);
    const data = tensor.data as Float32Array;
    data.forEach((x, i) => (data[i] = Math.min((x + 1) / 2, 1 - 2 ** -24)));
    return tensor;
  };
  return { jitter: unit(rendering.samples), u: unit(rendering.importanceSamples) };
}

/** Sessions that make a picture or its gradient, with their feeds. */
export interface OpenRender {
  /** One of each kind; the middle one of three is opened once a lane. */
  readonly models: readonly Model[];
  run(): Promise<Record<string, HostTensor>>;
  close(): Promise<void>;
}

/** Levels → the picture's features, depth and weights, in one session. */
export async function openForward({ config, size, mode, lanes }: RenderSetting): Promise<OpenRender> {
  const tables = pyramidTables(levelInputs(config), config.depth, mode);
  const { features, depth, weight } = renderGraph(config, tables, constant(pixelCentres(size)), size * size);
  const model = compile({ features, depth, weight }, { name: `render ${size} ${mode}` });
  const session = await openSession(model, { threads: lanes });
  const feeds = {
    ...levelFeeds(config),
    ...drawFeeds(config, size * size),
    camera: frontCamera(config),
  };
  return { models: [model], run: () => session.run(feeds), close: () => session.close() };
}

/**
 * Levels → picture → gradient of the levels, for given cotangents of features and weights: the tables are made once, chunks of rays go
 * to lanes of one thread each (they scatter), their gradients of the tables are summed and go back to the levels once.
 */
export async function openBackward({ config, size, mode, lanes }: RenderSetting): Promise<OpenRender> {
  const rays = Math.min(CHUNK, Math.ceil((size * size) / lanes));
  const chunks = (size * size) / rays;
  const levels = levelInputs(config);
  const made = pyramidTables(levels, config.depth, mode);
  const names = made.tables.map((_, i) => `table${i}`);
  const rows = made.tables.map(({ rows: r }, i) => input(names[i], r.shape));
  const given: Tables = {
    share: made.share,
    tables: made.tables.map(({ grid }, i) => ({ grid, rows: rows[i] })),
  };
  const { features, weight } = renderGraph(config, given, input('pixels', [1, rays, 2]), rays);
  const cotangents = [input('g.features', features.shape), input('g.weight', weight.shape)];
  const found = gradients([features, weight], rows, cotangents);
  const back = gradients(
    made.tables.map((t) => t.rows),
    levels,
    made.tables.map(({ rows: r }, i) => input(`g.${names[i]}`, r.shape)),
  );
  const models = [
    compile(Object.fromEntries(made.tables.map((t, i) => [names[i], t.rows])), { name: 'tables' }),
    compile(
      { features, weight, ...Object.fromEntries(found.map((g, i) => [`g.${names[i]}`, g])) },
      { name: 'rays' },
    ),
    compile(Object.fromEntries(levelSizes(config).map((s, i) => [`level${s}`, back[i]])), { name: 'levels' }),
  ];
  const [tabler, leveller] = await Promise.all(
    [models[0], models[2]].map((model) => openSession(model, { threads: lanes })),
  );
  const sessions = await Promise.all(
    Array.from({ length: lanes }, () => openSession(models[1], { threads: 1 })),
  );
  const fed = levelFeeds(config);
  const points = pixelCentres(size).data as Float32Array;
  const chunkFeeds = Array.from({ length: chunks }, (_, i) => ({
    ...drawFeeds(config, rays),
    camera: frontCamera(config),
    pixels: hostTensor(points.slice(2 * rays * i, 2 * rays * (i + 1)), [1, rays, 2]),
    'g.features': noise(features.shape),
    'g.weight': noise(weight.shape),
  }));
  return {
    models,
    async run() {
      const tables = mapped(await tabler.run(fed), shared);
      const sums = new Map<string, HostTensor>();
      let next = 0;
      const lane = async (session: Session): Promise<void> => {
        while (next < chunks) {
          const result = await session.run({ ...tables, ...chunkFeeds[next++] });
          for (const name of names) accumulate(sums, `g.${name}`, result[`g.${name}`]);
        }
      };
      await Promise.all(sessions.map(lane));
      return leveller.run(Object.fromEntries(sums));
    },
    async close() {
      await Promise.all([tabler, leveller, ...sessions].map((session) => session.close()));
    },
  };
}

function mapped(
  tensors: Record<string, HostTensor>,
  f: (tensor: HostTensor) => HostTensor,
): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor)]));
}

/** The same numbers in memory that workers read without a copy. */
function shared({ data, shape }: HostTensor): HostTensor {
  const copy = new Float32Array(new SharedArrayBuffer(data.byteLength));
  copy.set(data as Float32Array);
  return hostTensor(copy, shape);
}

function accumulate(sums: Map<string, HostTensor>, name: string, term: HostTensor): void {
  const sum = sums.get(name);
  if (!sum) {
    sums.set(name, shared(term));
    return;
  }
  const [to, from] = [sum.data as Float32Array, term.data as Float32Array];
  for (let i = 0; i < to.length; i++) to[i] += from[i];
}
