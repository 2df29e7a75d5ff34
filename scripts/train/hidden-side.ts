import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  add,
  compile,
  float32,
  hostTensor,
  input,
  mul,
  openSession,
  sub,
} from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';
import { storedParameters, traceParameters } from '../../gpu-functions/nn/index.ts';
import type { Parameters, WeightMap } from '../../gpu-functions/nn/index.ts';
import { drawHiddenSide } from '../../gpu-functions/portrait/index.ts';
import type { HiddenSideConfig } from '../../gpu-functions/portrait/index.ts';
import { mirrored } from '../../gpu-functions/stages/planes.ts';
import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { RADIUS } from '../synthetic/camera.ts';
import { depthOfStep } from '../synthetic/render/index.ts';
import { drawHearing } from './adversarial.ts';
import { Dataset, HELD_OUT, mirror, straightColours, writePlanes } from './dataset.ts';
import { drawFirstPeople } from './drawings.ts';
import type { Drawings } from './drawings.ts';
import { charbonnier } from './losses.ts';
import type { TrainingOptions } from './main.ts';
import { Misses } from './misses.ts';
import { FRONTAL_VIEWS } from './rays.ts';
import { writeSheet } from './sheet.ts';
import { scheduleOf, startingWeights } from './start.ts';
import { batchOf, leavesOf, train } from './trainer.ts';
import type { TrainingTask } from './trainer.ts';
import { exportWithoutJudges, JUDGES, SCHEDULE, SEEN, unseenColoursLoss } from './unseen-colours.ts';

const NETWORK = 'hidden-side';

const CONFIG: HiddenSideConfig = {
  imageSize: 128,
  patch: 4,
  channels: [96, 160, 224, 320],
  decoder: { stem: 24, channels: [128, 96, 64, 48] },
  middle: RADIUS,
};

const BATCH = 6;

/** Share of people who are seen as they would have been drawn. */
const DRAWN = 0.25;

/** What a world unit of depth costs beside the whole range of a colour. */
const DEPTH_WEIGHT = 16;

/** Charbonnier losses of both depths and the hidden colour, where somebody is, and what discriminators say of the latter. */
function hiddenSideLoss(p: Parameters, config: HiddenSideConfig, batch: Record<string, Value>) {
  const { near, far, colour } = drawHiddenSide(p, config, batch.image);
  const missed = (found: Value, wanted: Value): Value => charbonnier(sub(found, wanted), 1e-3, batch.mask);
  const depths = { near: missed(near, batch.near), far: missed(far, batch.far) };
  const colours = unseenColoursLoss(p, JUDGES, colour, batch.image, batch);
  const loss = add(colours.loss, mul(add(depths.near, depths.far), DEPTH_WEIGHT));
  return { loss, metrics: { ...depths, ...colours.metrics } };
}

/** A frontal picture to what it hides, and how far both sides are. */
export function hiddenSideTask(data: Dataset, drawings: Drawings, config = CONFIG): TrainingTask {
  const side = config.imageSize;
  if (data.size !== side) throw new Error(`Hidden sides are learned from pictures of ${side}².`);
  const area = side * side;
  const shapes = {
    image: [BATCH, 4, side, side],
    colour: [BATCH, 3, side, side],
    near: [BATCH, 1, side, side],
    far: [BATCH, 1, side, side],
    mask: [BATCH, 1, side, side],
    haze: [1, SEEN, side, side],
    heard: [],
  };
  return {
    name: NETWORK,
    specs: traceParameters((p) => hiddenSideLoss(p, config, leavesOf(shapes)).loss),
    batch: batchOf(shapes),
    loss: (p, batch) => hiddenSideLoss(p, config, batch),
    draw(random, step) {
      const image = new Float32Array(BATCH * 4 * area);
      const colour = new Float32Array(BATCH * 3 * area);
      const [near, far, mask] = [0, 0, 0].map(() => new Float32Array(BATCH * area));
      for (let i = 0; i < BATCH; i++) {
        const isDrawn = random.uniform() < DRAWN;
        const people = isDrawn ? drawings.people : data.identities.length;
        const who = HELD_OUT + random.int(people - HELD_OUT);
        const view = random.int(FRONTAL_VIEWS);
        const isMirrored = random.uniform() < 0.5;
        const sides = readSides(data, who, view, isMirrored);
        if (isDrawn) drawings.writePlanes(who, view, isMirrored, image, 4 * i * area);
        else image.set(sides.image, 4 * i * area);
        colour.set(sides.colour, 3 * i * area);
        near!.set(sides.near, i * area);
        far!.set(sides.far, i * area);
        mask!.set(sides.mask, i * area);
      }
      const all = { image, colour, near: near!, far: far!, mask: mask! };
      const tensors = Object.entries(all).map(([name, values]) => [
        name,
        hostTensor(values, shapes[name as keyof typeof shapes]),
      ]);
      return { ...Object.fromEntries(tensors), ...drawHearing(random, step, shapes.haze) };
    },
    preview: (weights, folder, step) => preview(weights, data, drawings, config, folder, step),
  };
}

/** Both sides of a view: planes of the seen one, straight colours of the hidden one, depths in world units, and 1 where somebody is. */
export function readSides(data: Dataset, who: number, view: number, isMirrored: boolean) {
  const { size } = data;
  const area = size * size;
  const seen = data.image(who, view);
  const { picture, depths: hiddenSteps } = data.hiddenSide(who, view);
  let [steps, behind] = [data.depths(who, view), hiddenSteps];
  if (isMirrored) {
    [seen, picture].forEach((each) => mirror(each, size));
    [steps, behind] = [mirrored(steps, size), mirrored(behind, size)];
  }
  const image = new Float32Array(4 * area);
  writePlanes(seen, image);
  const colour = straightColours(picture);
  const [near, far, mask] = [0, 0, 0].map(() => new Float32Array(area));
  for (let i = 0; i < area; i++) {
    if (steps[i] === 0 || behind[i] === 0) continue;
    near![i] = depthOfStep(steps[i]!);
    far![i] = depthOfStep(behind[i]!);
    mask![i] = 1;
  }
  return { image, colour, near: near!, far: far!, mask: mask! };
}

/** People never trained on, half of them drawn: seen, hidden as it is and as found, thickness as it is and as found. */
async function preview(
  weights: WeightMap,
  data: Dataset,
  drawings: Drawings,
  config: HiddenSideConfig,
  folder: string,
  step: number,
): Promise<void> {
  const [shown, side] = [10, config.imageSize];
  const area = side * side;
  const image = input('image', [1, 4, side, side]);
  const session = await openSession(
    compile({ ...drawHiddenSide(storedParameters(weights), config, image) }),
    { inline: true },
  );
  const rows: Float32Array[][] = [[], [], [], [], []];
  const misses = new Misses();
  for (let who = 0; who < HELD_OUT; who++) {
    const sides = readSides(data, who, 1, false);
    const isDrawn = who % 2 === 1;
    if (isDrawn) drawings.writePlanes(who, 1, false, sides.image, 0);
    const out = await session.run({ image: hostTensor(sides.image, image.shape) });
    const found = { near: float32(out.near!), far: float32(out.far!), colour: float32(out.colour!) };
    misses.add(isDrawn ? 'drawn' : 'rendered', sides.mask, {
      near: { found: found.near, wanted: sides.near },
      far: { found: found.far, wanted: sides.far },
      colour: { found: found.colour, wanted: sides.colour },
    });
    if (who >= shown) continue;
    const shade = (near: Float32Array, far: Float32Array) =>
      Float32Array.from({ length: 3 * area }, (_, k) => {
        const i = k % area;
        return sides.mask[i] === 0 ? 1 : k < area ? 4 * (near[i]! - RADIUS) : 4 * (far[i]! - RADIUS);
      });
    rows[0]!.push(sides.image);
    rows[1]!.push(sides.colour.map((x, k) => (sides.mask[k % area] === 0 ? 1 : x)));
    rows[2]!.push(found.colour.map((x, k) => (sides.mask[k % area] === 0 ? 1 : x)));
    rows[3]!.push(shade(sides.near, sides.far));
    rows[4]!.push(shade(found.near, found.far));
  }
  await session.close();
  process.stderr.write(`${misses.report()}\n`);
  await writeSheet(join(folder, `preview-${String(step).padStart(6, '0')}.png`), rows.flat(), side, shown);
}

/** A profile's network that training goes on from; one that has none begins with its encoder's first half. */
const startOf = (folder: string): string =>
  existsSync(join(folder, `${NETWORK}.safetensors`)) ? NETWORK : 'encoder';

/** `npm run train -- hidden-side`: trains it on frontal views, rendered and drawn, and on what they hide. */
export async function run(options: TrainingOptions, signal: AbortSignal): Promise<void> {
  if (options.export) return exportWithoutJudges(NETWORK, CONFIG, options);
  const data = new Dataset(options.data);
  if (data.hidden < FRONTAL_VIEWS)
    throw new Error(
      `'${options.data}' does not say what frontal views hide. Render it into another folder with --hidden ${FRONTAL_VIEWS}.`,
    );
  const drawings = await drawFirstPeople(options.data, await loadProfile(options.profile), signal);
  const task = hiddenSideTask(data, drawings);
  const start = options.from
    ? await startingWeights(options.from, { [startOf(options.from)]: '' })
    : undefined;
  await train(task, scheduleOf(SCHEDULE, options), options.run, signal, start);
  drawings.close();
  data.close();
}
