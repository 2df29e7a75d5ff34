import {
  add,
  compile,
  constant,
  gather,
  gradients,
  hostTensor,
  input,
  loop,
  openSession,
  reshape,
  sizeOf,
  zeros,
  type HostTensor,
  type Model,
  type Shape,
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

/** Rays that one lane takes at once, where nothing else is said: what bounds the memory of a large picture. */
const CHUNK = 2048;

/** A tri-grid of random levels, a camera, and a picture's draws. */
export interface RenderSetting {
  readonly config: GeneratorConfig;
  readonly size: number;
  readonly mode: Mode;
  /** Rays split over this many sessions of one thread in backward runs; threads of the forward session. */
  readonly lanes: number;
  /** Rays that a lane of a backward run takes at once. */
  readonly chunk?: number;
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
    tableField(
      p,
      config,
      pyramidTables(levelInputs(config), config.depth, 'fast', config.rendering),
    )(input('at', [1, 1, 3])),
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
  const tables = pyramidTables(levelInputs(config), config.depth, mode, config.rendering);
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

/** A lane's rays: `chunks` times `rays`, one chunk after the other. */
interface LaneGraph {
  readonly model: Model;
  /** The shapes of features and weights, all chunks together. */
  readonly features: Shape;
  readonly weight: Shape;
}

const slopeName = (table: number): string => `g.table${table}`;

/** Tables → features and weights of a lane's rays, and the gradient of the tables for given cotangents of both, summed over its chunks. */
function laneGraph(config: GeneratorConfig, made: Tables, chunks: number, rays: number): LaneGraph {
  const { samples, importanceSamples } = config.rendering;
  const rows = made.tables.map((table, i) => input(`table${i}`, table.rows.shape));
  const tables: Tables = {
    share: made.share,
    tables: made.tables.map(({ grid }, i) => ({ grid, rows: rows[i] })),
  };
  const outputs = config.decoder.outputs;
  const [features, weight]: Shape[] = [[chunks, rays, outputs], [chunks, rays, 1]]; // prettier-ignore
  const all = {
    pixels: input('pixels', [chunks, rays, 2]),
    jitter: input('jitter', [chunks, rays, samples]),
    u: input('u', [chunks, rays, importanceSamples]),
    features: input('g.features', features),
    weight: input('g.weight', weight),
  };
  const chunk = (of: (x: Value) => Value, before: readonly Value[]) => {
    const field = tableField(decoderParameters(config), config, tables);
    const seen = cameraRays(input('camera', [1, 25]), of(all.pixels));
    const made = renderRays(field, seen, { jitter: of(all.jitter), u: of(all.u) }, config.rendering);
    const seeds = [of(all.features), of(all.weight), ...before];
    // With the sum so far as a cotangent of the tables themselves, the scatters go on where those before left off.
    const outputs = [made.features, made.weight, ...rows.slice(0, before.length)];
    return { features: made.features, weight: made.weight, found: gradients(outputs, rows, seeds) };
  };
  if (chunks === 1) {
    const { found, ...picture } = chunk((x) => x, []);
    const named = Object.fromEntries(found.map((g, i) => [slopeName(i), g]));
    return { model: compile({ ...picture, ...named }, { name: 'rays' }), features, weight };
  }
  const start = Object.fromEntries(rows.map((r, i) => [slopeName(i), zeros(r.shape)]));
  const { state, outputs: pictures } = loop(chunks, start, (sums: Record<string, Value>, i) => {
    const before = rows.map((_, k) => sums[slopeName(k)]);
    const { found, ...picture } = chunk((x) => gather(x, reshape(i, [1]), 0), before);
    return { state: Object.fromEntries(found.map((g, k) => [slopeName(k), g])), outputs: picture };
  });
  return { model: compile({ ...pictures, ...state }, { name: 'rays' }), features, weight };
}

/**
 * Levels → picture → gradient of the levels, for given cotangents of features and weights: the tables are made once, rays go to lanes of
 * one thread each (they scatter), which sum the gradient of the tables over their chunks, and the lanes' sums go back to the levels once.
 * Tables and their gradients lie in memory that all sessions share, and are written and read there without a copy.
 */
export async function openBackward({
  config,
  size,
  mode,
  lanes,
  chunk = CHUNK,
}: RenderSetting): Promise<OpenRender> {
  const chunks = Math.ceil((size * size) / lanes / chunk);
  const rays = (size * size) / lanes / chunks;
  const levels = levelInputs(config);
  const made = pyramidTables(levels, config.depth, mode, config.rendering);
  const graph = laneGraph(config, made, chunks, rays);
  const each = Array.from({ length: lanes }, (_, lane) => lane);
  const slopes = made.tables.map(({ rows }, i) =>
    each.map((lane) => input(`g.table${i}.${lane}`, rows.shape)).reduce((a, b) => add(a, b)),
  );
  const back = gradients(
    made.tables.map((t) => t.rows),
    levels,
    slopes,
  );
  const models = [
    compile(Object.fromEntries(made.tables.map((t, i) => [`table${i}`, t.rows])), { name: 'tables' }),
    graph.model,
    compile(Object.fromEntries(levelSizes(config).map((s, i) => [`level${s}`, back[i]])), { name: 'levels' }),
  ];
  const [tabler, leveller] = await Promise.all(
    [models[0], models[2]].map((model) => openSession(model, { threads: lanes })),
  );
  const sessions = await Promise.all(each.map(() => openSession(graph.model, { threads: 1 })));
  const fed = levelFeeds(config);
  const places = (suffix: string): Record<string, HostTensor> =>
    Object.fromEntries(made.tables.map(({ rows }, i) => [`${suffix}table${i}`, shared(rows.shape)]));
  const tables = places('');
  const sums = each.map(() => places('g.'));
  const [{ features, weight }, pixels] = [graph, pixelCentres(size)];
  const ofAll = {
    ...drawFeeds(config, size * size),
    pixels,
    'g.features': noise([size * size, features[2]]),
    'g.weight': noise([size * size, weight[2]]),
  };
  const own = each.map((lane) => ({
    camera: frontCamera(config),
    ...mapped(ofAll, (tensor) => share(tensor, lane, [chunks, rays])),
  }));
  const collected = Object.fromEntries(
    sums.flatMap((of, lane) => Object.entries(of).map(([name, tensor]) => [`${name}.${lane}`, tensor])),
  );
  return {
    models,
    async run() {
      await tabler.run(fed, undefined, tables);
      await Promise.all(
        sessions.map((session, lane) => session.run({ ...tables, ...own[lane] }, undefined, sums[lane])),
      );
      return leveller.run(collected);
    },
    async close() {
      await Promise.all([tabler, leveller, ...sessions].map((session) => session.close()));
    },
  };
}

/** Room in memory that workers read and write. */
function shared(shape: Shape): HostTensor {
  return hostTensor(new Float32Array(new SharedArrayBuffer(4 * sizeOf(shape))), shape);
}

/** What belongs to a lane of numbers for all rays, [.., rays of all, n] → [chunks, rays, n]. */
function share(
  { data, shape }: HostTensor,
  lane: number,
  [chunks, rays]: readonly [number, number],
): HostTensor {
  const [n] = shape.slice(-1);
  const size = chunks * rays * n;
  return hostTensor((data as Float32Array).slice(lane * size, (lane + 1) * size), [chunks, rays, n]);
}

function mapped<T>(record: Readonly<Record<string, T>>, f: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}
