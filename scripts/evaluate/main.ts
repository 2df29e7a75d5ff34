/** `npm run evaluate`: figures for what the bundled models do on people and captions that they were not trained on. */
import { parseArgs } from 'node:util';
import { QUALITIES, type Quality } from '../../shared/index.ts';
import { HELD_OUT } from '../synthetic/held-out.ts';
import { evaluateConsistency } from './consistency.ts';
import { evaluatePortraits } from './portraits.ts';
import { evaluateText } from './text.ts';

const USAGE = `Usage: npm run evaluate -- [portraits|consistency|text] [options]

  portraits      how often portraits show what their captions say, as a classifier trained on renderings sees it
  consistency    how near the views of people inverted from true pictures come to the true views (PSNR)
  text           what the text encoder alone reads in captions and prompts, against what they say

  --count N        captions (200; of text 1000), or people (40)
  --quality Q      draft, standard or high         (draft)
  --given N        consistency: pictures that are known, one from the front, others from all around (1)
  --profile NAME   profile, or its folder          (mini)
  --out FILE       one JSON line each; those already there are kept  (runs/evaluate/…)
  --threads N      of the stages                   (2)`;

const EVALUATIONS = {
  portraits: { run: evaluatePortraits, count: String(HELD_OUT) },
  consistency: { run: evaluateConsistency, count: '40' },
  text: { run: evaluateText, count: '1000' },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string' },
      quality: { type: 'string', default: 'draft' },
      profile: { type: 'string', default: 'mini' },
      out: { type: 'string' },
      threads: { type: 'string', default: '2' },
      given: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void console.log(USAGE);
  const [name = 'portraits'] = positionals;
  if (!Object.hasOwn(EVALUATIONS, name) || positionals.length > 1)
    throw new Error(`There is no evaluation '${positionals.join(' ')}'.\n\n${USAGE}`);
  const { run, count: usual } = EVALUATIONS[name as keyof typeof EVALUATIONS];
  const quality = QUALITIES.find((one): one is Quality => one === values.quality);
  if (!quality) throw new Error(`--quality is one of ${QUALITIES.join(', ')}, not '${values.quality}'.`);
  const [count, threads, given] = [
    positive('count', values.count ?? usual),
    positive('threads', values.threads),
    positive('given', values.given),
  ];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { profile, out } = values;
  console.log(await run({ count, threads, given, quality, profile, out }, stop.signal));
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${option} wants a whole number from 1 on, not '${text}'.`);
  return value;
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
