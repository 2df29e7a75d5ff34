import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Random } from '../../gpu-functions/nn/index.ts';
import { fitRound } from '../../gpu-functions/stages/fit-views.ts';
import { loadModels, stages, type Models } from '../../gpu-functions/stages/index.ts';
import { encodePng } from '../../gpu-functions/stages/picture-codecs.ts';
import { fromRgba, overWhite, type Picture } from '../../gpu-functions/stages/picture.ts';
import { decodePictures } from '../../gpu-functions/stages/pictures-file.ts';
import { settingsFor, type StageSettings } from '../../gpu-functions/stages/settings.ts';
import { decodeTrigrid, type Trigrid } from '../../gpu-functions/stages/trigrid-file.ts';
import { averageTrigrid, startOptimisation } from '../../gpu-functions/stages/trigrid-optimiser.ts';
import { portraitVoxels } from '../../gpu-functions/stages/views/portrait-voxels.ts';
import type { PosedPicture } from '../../gpu-functions/stages/views/posed-picture.ts';
import { voxelView } from '../../gpu-functions/stages/views/voxel-view.ts';
import { bakeTrigrid } from '../../gpu-functions/stages/views/voxels.ts';
import { Workspace } from '../../gpu-functions/stages/workspace.ts';
import { renderIdentity, type PicturePlan } from '../synthetic/dataset/shard.ts';
import { HELD_OUT_SEED } from '../synthetic/held-out.ts';
import { Studio } from '../synthetic/studio.ts';
import type { EvaluationOptions } from './options.ts';
import { quietContext } from './stage-context.ts';

/** Views 0 and 1 are frontal; 1, exactly from the front, is what is inverted, and both are left out of the score. */
const [GIVEN, FIRST_UNSEEN] = [1, 2];
const PLAN: PicturePlan = {
  views: 18,
  angles: 'around',
  size: 128,
  hidden: 0,
  lights: 1,
  hair: 'even',
  background: 'none',
};
/** Steps of the fit where more than one picture is known. */
const FIT_STEPS = 240;
/** Where `npm run synthetic` keeps what people are made of. */
const ASSETS = 'data/assets';

/** One person: PSNR in dB of each view that was not given, and the azimuth in radians that it is seen from. */
interface Person {
  readonly seed: number;
  readonly views: readonly { readonly azimuth: number; readonly psnr: number }[];
}

/**
 * Inverts a true frontal picture of each held-out person, as the stage `invert` does, and compares what the stage `render` shows
 * of the result with the true pictures from all around (RGB over white, 128²). Where more pictures are known, the tri-grid is
 * fitted to them as the stage `refine` fits it to what it drew, they are laid over it, and the others are compared.
 */
export async function evaluateConsistency(options: EvaluationOptions, signal: AbortSignal): Promise<string> {
  const { count, quality, profile, threads, given } = options;
  const out = options.out ?? `runs/evaluate/consistency-${quality}${given > 1 ? `-${given}` : ''}.jsonl`;
  if (given > PLAN.views / 2)
    throw new Error(`--given is at most ${PLAN.views / 2}: others are to be left for comparison.`);
  const models = await loadModels(profile, { threads });
  const studio = await Studio.open(ASSETS);
  await mkdir(dirname(out), { recursive: true });
  const text = await readFile(out, 'utf8').catch(() => '');
  const people = text
    .split('\n')
    .filter(Boolean)
    .slice(0, count)
    .map((line) => JSON.parse(line) as Person);
  try {
    while (people.length < count) {
      const person = await invertPerson(models, studio, HELD_OUT_SEED + people.length, options, signal);
      people.push(person);
      await appendFile(out, `${JSON.stringify(person)}\n`);
      process.stderr.write(`${people.length}/${count}  whole circle ${mean(person.views).toFixed(2)} dB\n`);
    }
  } finally {
    await models.close();
  }
  return table(people);
}

async function invertPerson(
  models: Models,
  studio: Studio,
  seed: number,
  { quality, given }: EvaluationOptions,
  signal: AbortSignal,
): Promise<Person> {
  const { record, pixels } = await renderIdentity(studio, seed, PLAN);
  const bytes = 4 * PLAN.size ** 2;
  const truth = (view: number): Picture =>
    fromRgba(pixels.subarray(view * bytes, (view + 1) * bytes), PLAN.size, PLAN.size);
  const imagined = { camera: record.views[GIVEN].camera };
  const inputs = {
    image: await encodePng(truth(GIVEN)),
    'imagined.json': new TextEncoder().encode(JSON.stringify(imagined)),
  };
  const { outputs } = await stages.invert(models, quietContext({ seed: 0, quality }, inputs, signal));
  const fit = settingsFor(models.profile.manifest, 'fit', quality);
  const known = knownViews(record.views, given);
  let pictures = decodePictures(outputs['pictures'].bytes);
  let trigrid = decodeTrigrid(outputs['trigrid'].bytes);
  if (given > 1) {
    pictures = known.map((view) => ({ picture: truth(view), label: record.views[view].camera }));
    trigrid = await fitToAll(models, fit, trigrid, pictures, signal);
  }
  const { gridPoints } = settingsFor(models.profile.manifest, 'render', quality);
  const baked = await bakeTrigrid(models, trigrid, gridPoints, pictures, signal);
  const voxels = portraitVoxels(baked, pictures);
  const views: { azimuth: number; psnr: number }[] = [];
  for (let view = FIRST_UNSEEN; view < PLAN.views; view++) {
    if (known.includes(view)) continue;
    const { azimuth, camera } = record.views[view];
    const seen = voxelView(voxels, camera, PLAN.size);
    views.push({ azimuth, psnr: psnr(overWhite(seen), overWhite(truth(view))) });
  }
  return { seed, views };
}

/** The frontal view, and others evenly spread among those around the circle by azimuth. */
function knownViews(views: readonly { readonly azimuth: number }[], count: number): number[] {
  const around = views
    .map((_, view) => view)
    .slice(FIRST_UNSEEN)
    .toSorted((a, b) => views[a].azimuth - views[b].azimuth);
  const others = Array.from(
    { length: count - 1 },
    (_, i) => around[Math.floor(((i + 0.5) * around.length) / (count - 1))],
  );
  return [GIVEN, ...others];
}

async function fitToAll(
  models: Models,
  fit: StageSettings['fit'],
  start: Trigrid,
  targets: readonly PosedPicture[],
  signal: AbortSignal,
): Promise<Trigrid> {
  let state = startOptimisation(start);
  const plan = {
    share: (lane: number, view: number) => view % 2 === lane,
    random: new Random(0).fork('known views'),
    steps: FIT_STEPS,
    workspace: new Workspace(),
  };
  for (let step = 0; step < FIT_STEPS; step += fit.stepsPerRound) {
    signal.throwIfAborted();
    state = await fitRound(models, fit, targets, plan, state, step, step + fit.stepsPerRound, () => {});
  }
  await models.close();
  return averageTrigrid(state);
}

/** Peak signal-to-noise ratio in dB of 8-bit pictures. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  const error = a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0) / a.length;
  return 10 * Math.log10(255 ** 2 / Math.max(error, 1e-3));
}

const mean = (views: Person['views']): number =>
  views.reduce((sum, { psnr: db }) => sum + db, 0) / views.length;

/** Views by how far from the front they are seen, degrees. */
const RANGES = [
  ['front half', 0, 90],
  ['whole circle', 0, 180],
  ['of these: up to 45° from the front', 0, 45],
  ['from the sides', 45, 135],
  ['from behind', 135, 180],
] as const;

function table(people: readonly Person[]): string {
  const all = people.flatMap(({ views }) => views);
  const rows = RANGES.map(([name, from, to]) => {
    const some = all.filter(({ azimuth }) => {
      const degrees = Math.abs(azimuth * 180) / Math.PI;
      return degrees <= to && (degrees > from || from === 0);
    });
    return `| ${name} | ${some.length > 0 ? mean(some).toFixed(2) : '–'} | ${some.length} |`;
  });
  return ['| views that were not given | PSNR (dB) | of |', '|---|---|---|', ...rows].join('\n');
}
