/** `npm run evaluate`: how often portraits show what their captions say, as a classifier trained on renderings sees it. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { QUALITIES, type Quality } from '../../shared/index.ts';
import { loadModels } from '../../gpu-functions/stages/index.ts';
import { readSafetensors } from '../../gpu-functions/weights/index.ts';
import { describe } from '../synthetic/captions.ts';
import { sampleAttributes, type Attributes } from '../synthetic/people/attributes.ts';
import { random } from '../synthetic/random.ts';
import { JUDGE_FILE, JUDGED_SIZE, openJudge, type Judge, type Verdict } from './judge.ts';
import { portraitStrip } from './pipeline.ts';
import { scoresOf, type Judged } from './scores.ts';

const USAGE = `Usage: npm run evaluate -- [options]

  --count N        captions                             (200)
  --quality Q      draft, standard or high              (draft)
  --profile NAME   profile, or its folder               (mini)
  --out FILE       one JSON line a portrait; those already there are kept  (runs/evaluate/QUALITY.jsonl)
  --threads N      of the stages                        (2)`;

/** Seeds of people from here on are never rendered for training. */
const HELD_OUT_SEED = 1_000_000;

/** Views of a strip, 45° apart from the front on. */
const STRIP = { views: 8, back: 4 };

/** One held-out person and a caption of theirs. */
function heldOut(i: number): { caption: string; said: readonly string[]; attributes: Attributes } {
  const next = random(HELD_OUT_SEED + i, 'evaluate');
  for (;;) {
    const attributes = sampleAttributes(next);
    const { text, said } = describe(attributes, next);
    if (said.length >= 3) return { caption: text, said, attributes };
  }
}

/** What the judge sees in one view of a strip. */
async function look(judge: Judge, strip: Uint8Array, view: number): Promise<Verdict> {
  const { width } = await sharp(strip).metadata();
  const side = width / STRIP.views;
  const pixels = await sharp(strip)
    .extract({ left: view * side, top: 0, width: side, height: side })
    .resize(JUDGED_SIZE, JUDGED_SIZE)
    .flatten({ background: '#fff' })
    .removeAlpha()
    .raw()
    .toBuffer();
  const plane = JUDGED_SIZE ** 2;
  const image = Float32Array.from({ length: 3 * plane }, (_, i) => {
    const channel = Math.floor(i / plane);
    return pixels[3 * (i % plane) + channel] / 127.5 - 1;
  });
  return judge.look(image);
}

async function linesOf(file: string): Promise<Judged[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Judged);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      quality: { type: 'string', default: 'draft' },
      profile: { type: 'string', default: 'mini' },
      out: { type: 'string' },
      threads: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void console.log(USAGE);
  const quality = QUALITIES.find((one): one is Quality => one === values.quality);
  if (!quality) throw new Error(`--quality is one of ${QUALITIES.join(', ')}, not '${values.quality}'.`);
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--count wants a number, not '${values.count}'.`);
  const out = values.out ?? `runs/evaluate/${quality}.jsonl`;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

  const { tensors, metadata } = await readSafetensors(JUDGE_FILE);
  const judge = await openJudge(tensors);
  const models = await loadModels(values.profile, { threads: Number(values.threads) });
  await mkdir(dirname(out), { recursive: true });
  const judged = (await linesOf(out)).slice(0, count);
  const began = Date.now();
  const before = judged.length;
  while (judged.length < count) {
    const i = judged.length;
    const { caption, said, attributes } = heldOut(i);
    const strip = await portraitStrip(models, { prompt: caption, seed: i, quality }, stop.signal);
    const one: Judged = {
      caption,
      said,
      attributes,
      front: await look(judge, strip, 0),
      back: await look(judge, strip, STRIP.back),
    };
    judged.push(one);
    await appendFile(out, `${JSON.stringify(one)}\n`);
    const each = (Date.now() - began) / (judged.length - before) / 1000;
    const left = ((count - judged.length) * each) / 60;
    process.stderr.write(
      `${judged.length}/${count}  ${each.toFixed(0)} s each, ${left.toFixed(0)} min left  ${caption}\n`,
    );
  }
  await models.close();
  await judge.close();
  const own = JSON.parse(metadata['accuracy'] ?? '{}') as Record<string, number>;
  console.log(scoresOf(judged, own));
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(
      `${error.name === 'AbortError' ? 'Stopped; the same command goes on.' : error.message}\n`,
    );
    process.exit(1);
  },
);
