import { join } from 'node:path';
import {
  add,
  compile,
  float32,
  hostTensor,
  input,
  mul,
  openSession,
  slice,
  sub,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { drawSideView, SIDE_VIEW_PLANES } from '../../gpu-functions/portrait/index.ts';
import type { SideViewConfig } from '../../gpu-functions/portrait/index.ts';
import { mirrored } from '../../gpu-functions/stages/planes.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { RADIUS } from '../synthetic/camera.ts';
import { SIDES } from '../synthetic/identity.ts';
import { depthOfStep } from '../synthetic/render/index.ts';
import { drawHearing } from './adversarial.ts';
import type { Judge } from './adversarial.ts';
import { Dataset, HELD_OUT, mirror, straightColours, writePlanes } from './dataset.ts';
import { DRAWN_PEOPLE, drawFirstPeople } from './drawings.ts';
import { charbonnier } from './losses.ts';
import type { TrainingOptions } from './main.ts';
import { Misses } from './misses.ts';
import { pictureOf, projectSides } from './projected-sides.ts';
import type { ProjectedSides } from './projected-sides.ts';
import { writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { batchOf, leavesOf, train } from './trainer.ts';
import type { TrainingTask } from './trainer.ts';
import { exportWithoutJudges, JUDGES, SCHEDULE, SEEN, unseenColoursLoss } from './unseen-colours.ts';

const NETWORK = 'side-view';

const CONFIG: SideViewConfig = {
  imageSize: 128,
  patch: 4,
  channels: [64, 128, 192, 224],
  decoder: { stem: 24, channels: [128, 96, 64, 48] },
};

const BATCH = 6;

/** Share of people whose picture is as it would have been drawn. */
const DRAWN = 0.4;

/** What alpha, and a world unit of depth, cost beside the range of a colour. */
const [ALPHA_WEIGHT, DEPTH_WEIGHT] = [0.5, 16];

/** Charbonnier losses of colours and depths where somebody is, and of alpha, and what discriminators say of colours. */
function sideViewLoss(
  p: Parameters,
  config: SideViewConfig,
  judges: readonly Judge[],
  batch: Record<string, Value>,
) {
  const { colour, alpha, depth } = drawSideView(p, config, batch.seen);
  const colours = unseenColoursLoss(p, judges, colour, slice(batch.seen, 1, 0, 4), batch);
  const outline = charbonnier(sub(alpha, batch.alpha), 0.03);
  const far = charbonnier(sub(depth, batch.depth), 1e-3, batch.mask);
  const loss = add(colours.loss, add(mul(outline, ALPHA_WEIGHT), mul(far, DEPTH_WEIGHT)));
  return { loss, metrics: { alpha: outline, depth: far, ...colours.metrics } };
}

/** What is known of people's sides, and what they look like. */
export interface SidesData {
  /** People, exactly from the sides. */
  readonly sides: Dataset;
  readonly projected: ProjectedSides;
  /** How many people, the first ones, have pictures as they would have been drawn; the others' are rendered, and those of every second who is never trained on. */
  readonly drawn: number;
  /** Writes the frontal picture of somebody that is projected: planes [4, S, S]. */
  picture(who: number, out: Float32Array, offset: number): void;
}

const isDrawn = (who: number, drawn: number): boolean => (who < HELD_OUT ? who % 2 === 1 : who < drawn);

/** Somebody's side as it is known and as it is; the right one mirrored. */
export function readSide(data: SidesData, who: number, side: number) {
  const { size } = data.sides;
  const area = size * size;
  const seen = new Float32Array(SIDE_VIEW_PLANES * area);
  data.projected.writePlanes(who, side, seen, 0);
  const own = new Float32Array(4 * area);
  data.picture(who, own, 0);
  seen.set(side === 0 ? own : mirrored(own, size), 5 * area);
  const picture = data.sides.image(who, side);
  let steps = data.sides.depths(who, side);
  if (side !== 0) {
    mirror(picture, size);
    steps = mirrored(steps, size);
  }
  const colour = straightColours(picture);
  const alpha = Float32Array.from({ length: area }, (_, i) => picture[4 * i + 3]! / 127.5 - 1);
  const depth = Float32Array.from(steps, (step) => (step === 0 ? 0 : depthOfStep(step) - RADIUS));
  const mask = Float32Array.from(steps, (step) => (step === 0 ? 0 : 1));
  return { seen, colour, alpha, depth, mask };
}

/** What is known of a side to what it looks like. */
export function sideViewTask(data: SidesData, judges = JUDGES, config = CONFIG): TrainingTask {
  const side = config.imageSize;
  if (data.sides.size !== side) throw new Error(`Sides are learned from pictures of ${side}².`);
  const area = side * side;
  const shapes = {
    seen: [BATCH, SIDE_VIEW_PLANES, side, side],
    colour: [BATCH, 3, side, side],
    alpha: [BATCH, 1, side, side],
    depth: [BATCH, 1, side, side],
    mask: [BATCH, 1, side, side],
  };
  const hearing = judges.length > 0 ? { haze: [1, SEEN, side, side], heard: [] } : undefined;
  const inputs = { ...shapes, ...hearing };
  return {
    name: NETWORK,
    specs: traceParameters((p) => sideViewLoss(p, config, judges, leavesOf(inputs)).loss),
    batch: batchOf(inputs),
    loss: (p, batch) => sideViewLoss(p, config, judges, batch),
    draw(random, step) {
      const batch = Object.fromEntries(
        (['seen', 'colour', 'alpha', 'depth', 'mask'] as const).map((name) => [
          name,
          hostTensor(new Float32Array(BATCH * shapes[name][1]! * area), shapes[name]),
        ]),
      );
      for (let i = 0; i < BATCH; i++) {
        const [first, last] =
          random.uniform() < DRAWN ? [HELD_OUT, data.drawn] : [data.drawn, data.sides.identities.length];
        const one = readSide(data, first + random.int(last - first), random.int(SIDES.length));
        for (const [name, planes] of Object.entries(one))
          float32(batch[name]!).set(planes, i * planes.length);
      }
      return { ...batch, ...(hearing && drawHearing(random, step, hearing.haze)) };
    },
    preview: (weights, folder, step) => preview(weights, data, config, folder, step),
  };
}

/** Left sides of people never trained on, half of them drawn: the picture, what is known, as it is and as found. */
async function preview(
  weights: WeightMap,
  data: SidesData,
  config: SideViewConfig,
  folder: string,
  step: number,
): Promise<void> {
  const [shown, side] = [10, config.imageSize];
  const area = side * side;
  const seen = input('seen', [1, SIDE_VIEW_PLANES, side, side]);
  const session = await openSession(compile({ ...drawSideView(storedParameters(weights), config, seen) }), {
    inline: true,
  });
  const rows: Float32Array[][] = [[], [], [], []];
  const misses = new Misses();
  for (let who = 0; who < HELD_OUT; who++) {
    const one = readSide(data, who, 0);
    const out = await session.run({ seen: hostTensor(one.seen, seen.shape) });
    const found = { colour: float32(out.colour!), alpha: float32(out.alpha!), depth: float32(out.depth!) };
    misses.add(isDrawn(who, data.drawn) ? 'drawn' : 'rendered', one.mask, {
      colour: { found: found.colour, wanted: one.colour },
      alpha: { found: found.alpha, wanted: one.alpha, everywhere: true },
      depth: { found: found.depth, wanted: one.depth },
    });
    if (who >= shown) continue;
    const over = (colour: Float32Array, alpha: Float32Array): Float32Array =>
      colour.map((x, k) => 1 + ((alpha[k % area]! + 1) / 2) * (x - 1));
    rows[0]!.push(one.seen.subarray(5 * area, 8 * area));
    rows[1]!.push(one.seen.subarray(0, 3 * area));
    rows[2]!.push(over(one.colour, one.alpha));
    rows[3]!.push(over(found.colour, found.alpha));
  }
  await session.close();
  process.stderr.write(`${misses.report()}\n`);
  await writeSheet(join(folder, `preview-${String(step).padStart(6, '0')}.png`), rows.flat(), side, shown);
}

/** `npm run train -- side-view`: trains it on what a dataset's frontal views, rendered and drawn, show of the sides that another dataset of the same people holds. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  if (options.export) return exportWithoutJudges(NETWORK, CONFIG, options);
  const sides = new Dataset(options.sides);
  const fronts = new Dataset(options.data, sides.identities.length);
  const people = sides.identities.length;
  if (fronts.identities.length < people)
    throw new Error(
      `'${options.data}' has ${fronts.identities.length} people and '${options.sides}' ${people}: render as many from the front, or give fewer of the sides.`,
    );
  if (people <= DRAWN_PEOPLE)
    throw new Error(
      `'${options.sides}' has ${people} people, of whom the first ${DRAWN_PEOPLE} are drawn: it takes more, so that some are rendered.`,
    );
  const profile = await loadProfile(options.profile);
  const drawings = await drawFirstPeople(options.data, profile, signal);
  const drawn = drawings.people;
  const picture: SidesData['picture'] = (who, out, offset) => {
    if (isDrawn(who, drawn)) drawings.writePlanes(who, pictureOf(who), false, out, offset);
    else writePlanes(fronts.image(who, pictureOf(who)), out, offset);
  };
  const projected = await projectSides(fronts, profile, picture, 'data/projected-sides', signal);
  const data: SidesData = { sides, projected, drawn, picture };
  const start = options.from ? await startingWeights(options.from, { [NETWORK]: '' }) : undefined;
  const task = sideViewTask(data, options.pixels ? [] : JUDGES);
  await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
  for (const each of [projected, drawings, fronts, sides]) each.close();
}
