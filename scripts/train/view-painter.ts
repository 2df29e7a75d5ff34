import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  add,
  compile,
  float32,
  hostTensor,
  input,
  mean,
  mul,
  openSession,
  slice,
  sqrt,
  square,
  sub,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { paintView } from '../../gpu-functions/portrait/index.ts';
import type { ViewPainterConfig } from '../../gpu-functions/portrait/index.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { Dataset, HELD_OUT, mirror, writePlanes } from './dataset.ts';
import type { Identity } from './dataset.ts';
import { weightedChoice } from './diffusion-task.ts';
import { drawFrontalViews } from './drawings.ts';
import { exportNetwork } from './export.ts';
import type { TrainingOptions } from './main.ts';
import { PORTRAIT_VIEWS, renderPortraitViews } from './portrait-views.ts';
import type { PortraitViews } from './portrait-views.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { averagedWeights, batchOf, leavesOf, train } from './trainer.ts';
import type { TrainingSchedule, TrainingTask } from './trainer.ts';

const NETWORK = 'view-painter';

const CONFIG: ViewPainterConfig = {
  imageSize: 128,
  patch: 4,
  channels: [96, 160, 224, 224],
  decoder: { stem: 24, channels: [128, 96, 64, 48] },
};

const BATCH = 6;

/** People of whom portraits are made, and those of them that are drawn at most. */
const [PEOPLE, DRAWN_PEOPLE] = [800, 600];

/** What differences of neighbouring pixels cost beside the pixels themselves: edges are to be as sharp as they can be told. */
const EDGE_WEIGHT = 1;

const SCHEDULE: Omit<TrainingSchedule, 'seed' | 'threads'> = {
  steps: 6000,
  fused: 10,
  learningRate: 4e-3,
  warmup: 100,
  beta1: 0.9,
  beta2: 0.99,
  maxGradientNorm: 1,
  averageHalfLife: 200,
  checkpointSeconds: 300,
};

const charbonnier = (x: Value): Value => sqrt(add(square(x), 0.02 ** 2));

/** Charbonnier losses of colours and of how they change from pixel to pixel, where somebody is, and the square of alpha's error. */
function viewPainterLoss(p: Parameters, config: ViewPainterConfig, batch: Record<string, Value>) {
  const { colour, alpha } = paintView(p, config, batch.portrait);
  const missed = sub(colour, batch.colour);
  const side = config.imageSize;
  const along = (x: Value, axis: number) => sub(slice(x, axis, 1, side), slice(x, axis, 0, side - 1));
  const both = (axis: number) => mul(slice(batch.mask, axis, 1, side), slice(batch.mask, axis, 0, side - 1));
  const parts = {
    colour: mean(mul(charbonnier(missed), batch.mask)),
    edges: add(
      mean(mul(charbonnier(along(missed, 2)), both(2))),
      mean(mul(charbonnier(along(missed, 3)), both(3))),
    ),
    alpha: mean(square(sub(alpha, batch.alpha))),
  };
  const loss = add(add(parts.colour, mul(parts.edges, EDGE_WEIGHT)), parts.alpha);
  return { loss, metrics: parts };
}

/** Views of portraits to those of the people they are of; what is rare is seen more often. */
export function viewPainterTask(
  people: readonly Identity[],
  pairs: PortraitViews,
  config = CONFIG,
): TrainingTask {
  const side = config.imageSize;
  const area = side * side;
  const shapes = {
    portrait: [BATCH, 4, side, side],
    colour: [BATCH, 3, side, side],
    alpha: [BATCH, 1, side, side],
    mask: [BATCH, 1, side, side],
  };
  const choose = weightedChoice(people.slice(HELD_OUT, pairs.people));
  return {
    name: NETWORK,
    specs: traceParameters((p) => viewPainterLoss(p, config, leavesOf(shapes)).loss),
    batch: batchOf(shapes),
    loss: (p, batch) => viewPainterLoss(p, config, batch),
    draw(random) {
      const portrait = new Float32Array(BATCH * 4 * area);
      const colour = new Float32Array(BATCH * 3 * area);
      const [alpha, mask] = [0, 0].map(() => new Float32Array(BATCH * area));
      for (let i = 0; i < BATCH; i++) {
        const who = HELD_OUT + choose(random);
        const pair = readPair(pairs, side, who, random.int(PORTRAIT_VIEWS), random.uniform() < 0.5);
        portrait.set(pair.portrait, 4 * i * area);
        colour.set(pair.colour, 3 * i * area);
        alpha!.set(pair.alpha, i * area);
        mask!.set(pair.mask, i * area);
      }
      const all = { portrait, colour, alpha: alpha!, mask: mask! };
      return Object.fromEntries(
        Object.entries(all).map(([name, values]) => [
          name,
          hostTensor(values, shapes[name as keyof typeof shapes]),
        ]),
      );
    },
    preview: (weights, folder, step) => preview(weights, pairs, config, folder, step),
  };
}

/** A view of a portrait as the network sees it; of the person, straight colours, alpha, in [−1, 1], and 1 where somebody is. */
export function readPair(
  pairs: Pick<PortraitViews, 'read'>,
  size: number,
  who: number,
  view: number,
  isMirrored: boolean,
) {
  const { portrait: seen, person } = pairs.read(who, view);
  if (isMirrored) [seen, person].forEach((each) => mirror(each, size));
  const area = size * size;
  const portrait = new Float32Array(4 * area);
  writePlanes(seen, portrait);
  const byte = (channel: number, i: number) => person[4 * i + channel]! / 127.5 - 1;
  const colour = Float32Array.from({ length: 3 * area }, (_, i) => byte(Math.floor(i / area), i % area));
  const alpha = Float32Array.from({ length: area }, (_, i) => byte(3, i));
  const mask = alpha.map((x) => (x > -1 ? 1 : 0));
  return { portrait, colour, alpha, mask };
}

/** People never trained on: the portrait, as it is painted, the person; and how far both are from the person, in dB over white. */
async function preview(
  weights: WeightMap,
  pairs: PortraitViews,
  config: ViewPainterConfig,
  folder: string,
  step: number,
): Promise<void> {
  const [shown, side] = [12, config.imageSize];
  const area = side * side;
  const image = input('image', [1, 4, side, side]);
  const session = await openSession(compile({ ...paintView(storedParameters(weights), config, image) }), {
    inline: true,
  });
  const rows: Float32Array[][] = [[], [], []];
  const sums = { portrait: 0, coloured: 0, painted: 0 };
  const count = Math.min(HELD_OUT, pairs.people);
  for (let who = 0; who < count; who++) {
    const { portrait, colour, alpha } = readPair(pairs, side, who, (3 * who) % PORTRAIT_VIEWS, false);
    const out = await session.run({ image: hostTensor(portrait, image.shape) });
    const [found, covered] = [float32(out.colour!), float32(out.alpha!)];
    // Over white, in [−1, 1].
    const over = (colours: Float32Array, cover: Float32Array) =>
      colours.map((x, i) => {
        const share = Math.min(1, Math.max(0, (cover[i % area]! + 1) / 2));
        return 1 + share * (Math.min(1, Math.max(-1, x)) - 1);
      });
    const truth = over(colour, alpha);
    const painted = over(found, covered);
    const coloured = over(found, portrait.subarray(3 * area));
    const soft = portrait.slice(0, 3 * area);
    const db = (x: Float32Array) =>
      -10 * Math.log10(x.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / (4 * x.length));
    sums.portrait += db(soft) / count;
    sums.coloured += db(coloured) / count;
    sums.painted += db(painted) / count;
    if (who >= shown) continue;
    [soft, painted, truth].forEach((planes, row) => rows[row]!.push(planes));
  }
  await session.close();
  const means = Object.entries(sums).map(([name, sum]) => `${name} ${sum.toFixed(2)}`);
  process.stderr.write(`${count} views of people never trained on, dB: ${means.join(', ')}\n`);
  await writeSheet(join(folder, `preview-${String(step).padStart(6, '0')}.png`), rows.flat(), side, shown);
}

/** A profile's network that training goes on from; one that has none begins with what another learned of pictures. */
const startOf = (folder: string): string =>
  existsSync(join(folder, `${NETWORK}.safetensors`)) ? NETWORK : 'hidden-side';

/** `npm run train -- view-painter`: trains it on views of portraits that the profile makes, and of the people that these are of. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  if (options.export) {
    const { weights, step } = await averagedWeights(options.run);
    const { seed, data } = options;
    return exportNetwork(options.profile, NETWORK, CONFIG, weights, { step, seed, data }, 8);
  }
  const profile = await loadProfile(options.profile);
  const data = new Dataset(options.data, PEOPLE);
  const drawn = new Dataset(options.data, DRAWN_PEOPLE);
  const drawings = await drawFrontalViews(drawn, profile, FRONTAL_VIEWS, 'data/drawings', signal);
  drawn.close();
  const folder = 'data/portrait-views';
  const pairs = await renderPortraitViews(data, drawings, PEOPLE, profile, folder, 'data/assets', signal);
  const start = options.from
    ? await startingWeights(options.from, { [startOf(options.from)]: '' })
    : undefined;
  await train(
    viewPainterTask(data.identities, pairs),
    scheduleOf(SCHEDULE, options),
    options.run,
    signal,
    start,
  );
  [pairs, drawings, data].forEach((each) => each.close());
}
