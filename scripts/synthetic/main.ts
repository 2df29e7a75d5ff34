import { parseArgs } from 'node:util';
import { BACKGROUNDS } from './background.ts';
import { writeDataset } from './dataset/write.ts';
import { ANGLES, SIDES, type Angles } from './identity.ts';
import { writeSheet } from './sheet.ts';

const USAGE = `Renders captioned synthetic people from all sides.

  npm run synthetic -- --count N --views V [--size 128] [--out data/synthetic] [--seed 0] [--workers 2]
                       [--angles around|sides] [--hidden 0] [--lights 1] [--hair even|natural]
                       [--background none|plain|gradient]
  npm run synthetic -- sheet [--count 32] [--size 192] [--turn] [--out sheet.png]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    views: { type: 'string', default: '10' },
    size: { type: 'string' },
    out: { type: 'string' },
    seed: { type: 'string', default: '0' },
    workers: { type: 'string', default: '2' },
    assets: { type: 'string', default: 'data/assets' },
    angles: { type: 'string', default: 'around' },
    hidden: { type: 'string', default: '0' },
    lights: { type: 'string', default: '1' },
    hair: { type: 'string', default: 'even' },
    background: { type: 'string', default: 'none' },
    turn: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function integer(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name} must be an integer of at least ${least}, not "${text}".`);
  }
  return value;
}

function choice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((value) => value === text);
  if (found === undefined) throw new Error(`--${name} must be one of ${choices.join(', ')}, not "${text}".`);
  return found;
}

function checkedViews(views: number, angles: Angles): number {
  if (angles === 'sides' && views > SIDES.length)
    throw new Error(`--angles sides has no more than ${SIDES.length} views; use --views ${SIDES.length}.`);
  return views;
}

function hiddenOf(hidden: number, views: number): number {
  if (hidden > views) throw new Error(`--hidden is at most --views, which is ${views}.`);
  return hidden;
}

const seed = integer('seed', values.seed, 0);
if (values.help) {
  console.log(USAGE);
} else if (positionals[0] === 'sheet') {
  await writeSheet({
    assets: values.assets,
    out: values.out ?? 'sheet.png',
    seed,
    count: integer('count', values.count ?? (values.turn ? '4' : '32'), 1),
    size: integer('size', values.size ?? '192', 16),
    turn: values.turn,
  });
} else if (positionals.length > 0 || values.count === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const angles = choice('angles', values.angles, ANGLES);
  const views = checkedViews(integer('views', values.views, 1), angles);
  await writeDataset({
    assets: values.assets,
    out: values.out ?? 'data/synthetic',
    seed,
    count: integer('count', values.count, 1),
    views,
    angles,
    size: integer('size', values.size ?? '128', 16),
    hidden: hiddenOf(integer('hidden', values.hidden, 0), views),
    lights: integer('lights', values.lights, 1),
    hair: choice('hair', values.hair, ['even', 'natural']),
    background: choice('background', values.background, BACKGROUNDS),
    workers: integer('workers', values.workers, 1),
  });
}
