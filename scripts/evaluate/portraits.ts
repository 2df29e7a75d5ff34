import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { loadModels } from '../../gpu-functions/stages/index.ts';
import { readSafetensors } from '../../gpu-functions/weights/index.ts';
import { heldOut } from '../synthetic/held-out.ts';
import { JUDGE_FILE, JUDGED_SIZE, openJudge, type Judge, type Verdict } from './judge.ts';
import type { EvaluationOptions } from './options.ts';
import { portraitStrip } from './pipeline.ts';
import { scoresOf, type Judged } from './scores.ts';

/** Views of a strip, 45° apart from the front on. */
const STRIP = { views: 8, back: 4 };

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

/** Makes a portrait of every held-out caption and says how often they show what their captions say. */
export async function evaluatePortraits(options: EvaluationOptions, signal: AbortSignal): Promise<string> {
  const { count, quality, profile, threads } = options;
  const out = options.out ?? `runs/evaluate/${quality}.jsonl`;
  const { tensors, metadata } = await readSafetensors(JUDGE_FILE);
  const judge = await openJudge(tensors);
  const models = await loadModels(profile, { threads });
  await mkdir(dirname(out), { recursive: true });
  const judged = (await linesOf(out)).slice(0, count);
  const began = Date.now();
  const before = judged.length;
  while (judged.length < count) {
    const i = judged.length;
    const { text: caption, said, attributes } = heldOut(i);
    const strip = await portraitStrip(models, { prompt: caption, seed: i, quality }, signal);
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
  return scoresOf(judged, own);
}
