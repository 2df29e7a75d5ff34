/** `npm run sheet`: makes one portrait a prompt through the public API and shows their eight views under the prompts. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Portrait } from '../../shared/index.ts';
import { LocalService } from '../dev/local-service.ts';
import { PortraitApi } from '../portrait/portrait-api.ts';
import { drawSheet, type SheetRow } from './draw.ts';

const USAGE = `Usage: npm run sheet -- [options]

  --out FILE       the picture                          (docs/sheet.png)
  --quality Q      draft or standard                    (draft)
  --seed N         the same for every prompt            (7)
  --prompt TEXT    instead of the twelve; may be repeated
  --api URL        a running service instead of one of its own`;

/** Each names hair, clothes, and often a beard, glasses or a hat, so that a stranger can check the picture against it. */
const PROMPTS = [
  'an old man with a white beard, wearing a red turtleneck',
  'a young woman with long blonde hair, in a blue t-shirt',
  'a middle-aged man with glasses and short brown hair, wearing a green sweater',
  'a young man with ginger hair and a full ginger beard, in a black t-shirt',
  'a woman with short black hair, wearing a yellow v-neck',
  'an old woman with grey hair and round glasses, in a purple turtleneck',
  'a young woman with pink hair, wearing a white t-shirt',
  'a bald man with a black goatee, wearing a grey suit and tie',
  'a man wearing a black fedora and a red shirt',
  'a teenage girl with brown hair in a ponytail, in a pink t-shirt',
  'a dark-skinned man with short black hair, wearing an orange t-shirt',
  'a young man with sunglasses and blonde hair, in a dark blue turtleneck',
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'docs/sheet.png' },
      quality: { type: 'string', default: 'draft' },
      seed: { type: 'string', default: '7' },
      prompt: { type: 'string', multiple: true },
      api: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void console.log(USAGE);
  const { quality, seed } = values;
  if (quality !== 'draft' && quality !== 'standard')
    throw new Error(`--quality is draft or standard, not '${quality}'.`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const service = values.api ? undefined : await LocalService.start({}, stop.signal);
  try {
    const api = new PortraitApi(values.api ?? service!.api);
    const rows: SheetRow[] = [];
    const prompts = values.prompt ?? PROMPTS;
    for (const [i, prompt] of prompts.entries()) {
      const portrait = await make(api, { prompt, quality, seed: Number(seed) }, stop.signal);
      const strip = portrait.files.find(({ name }) => name === 'strip.png');
      if (!strip) throw new Error(`The portrait of '${prompt}' has no strip.png.`);
      rows.push({ prompt, strip: await api.download(strip) });
      console.log(`${i + 1}/${prompts.length}  ${prompt}`);
    }
    await mkdir(dirname(values.out), { recursive: true });
    await writeFile(values.out, await drawSheet(rows));
    console.log(values.out);
  } finally {
    await service?.stop();
  }
}

async function make(
  api: PortraitApi,
  request: { prompt: string; quality: 'draft' | 'standard'; seed: number },
  signal: AbortSignal,
): Promise<Portrait> {
  const portrait = await api.finished(await api.create(request), signal);
  if (portrait.status !== 'succeeded') {
    throw new Error(`'${request.prompt}' ended as ${portrait.status}: ${portrait.error?.message ?? ''}`);
  }
  return portrait;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
