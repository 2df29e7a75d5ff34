/** How well `bare-skin` (gpu-functions/stages/imagine) tells bare torsos from clothes, on every skin. */
import { parseArgs } from 'node:util';
import { bareMeasures, bareScore } from '../../gpu-functions/stages/imagine/bare-skin.ts';
import { loadModels } from '../../gpu-functions/stages/index.ts';
import { barePeople } from './bare-people.ts';
import { drawings, PROMPTS, type Models } from './drawings.ts';
import { fitBareness, type Sample } from './fit.ts';

const USAGE = `Usage: npm run -s picture-check -- [drawings|bare|fit] [options]
  drawings  how many drawings of harmless prompts it refuses, none of which it should
  bare      how many synthetic people without clothes it refuses, all of whom it should (needs the data of npm run synthetic)
  fit       its weights, fitted anew on both
Options: --profile NAME|DIR (mini), --threads N (2), --count N people or prompts (all prompts, 133 people), --assets DIR (data/assets),
  --first N seed of the first person (900000); the weights were fitted on the 133 people from 900000`;

/** How often something was seen, and refused. */
class Tally {
  readonly #counts = new Map<string, [refused: number, all: number]>();

  add(group: string, refused: boolean): void {
    const [before, all] = this.#counts.get(group) ?? [0, 0];
    this.#counts.set(group, [before + (refused ? 1 : 0), all + 1]);
  }

  print(title: string): void {
    const all = [...this.#counts.values()].reduce((sum, one) => [sum[0] + one[0], sum[1] + one[1]], [0, 0]);
    const groups = [...this.#counts].map(([group, [refused, count]]) => `${group} ${refused} of ${count}`);
    console.log(`${title}: ${all[0]} of ${all[1]} refused (${groups.join(', ')})`);
  }
}

const figure = (value: number) => Number(value.toPrecision(3));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'mini' },
    threads: { type: 'string', default: '2' },
    count: { type: 'string' },
    first: { type: 'string', default: '900000' },
    assets: { type: 'string', default: 'data/assets' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [what = 'drawings', ...rest] = positionals;
if (values.help || rest.length > 0 || !['drawings', 'bare', 'fit'].includes(what)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}
const models = await loadModels(values.profile, { threads: Number(values.threads) });
const samples: Sample[] = [];
if (what !== 'bare') await measureDrawings(models);
if (what !== 'drawings') await measureBare(models);
await models.close();
if (what === 'fit') {
  const { intercept, weights } = fitBareness(samples);
  console.log(`const INTERCEPT = ${figure(intercept)};`);
  for (const [name, row] of Object.entries(weights))
    console.log(`  ${name}: [${row.map(figure).join(', ')}],`);
}

async function measureDrawings(loaded: Models): Promise<void> {
  const tally = new Tally();
  for (const [seed, { prompt, dark }] of PROMPTS.slice(0, Number(values.count ?? PROMPTS.length)).entries()) {
    for await (const picture of drawings(loaded, prompt, seed)) {
      const score = bareScore(picture);
      tally.add(dark ? 'dark skin' : 'others', score > 0);
      if (score > 0) console.log(`refused wrongly: ${prompt}`);
      const measures = bareMeasures(picture);
      if (measures) samples.push({ measures, bare: false, dark });
    }
  }
  tally.print('drawings of clothed people');
}

async function measureBare(loaded: Models): Promise<void> {
  const people = { first: Number(values.first), count: Number(values.count ?? 133) };
  const tally = new Tally();
  for await (const { skin, picture } of barePeople(loaded, values.assets, people)) {
    tally.add(skin, bareScore(picture) > 0);
    const measures = bareMeasures(picture);
    if (measures) samples.push({ measures, bare: true, dark: skin === 'dark' || skin === 'brown' });
  }
  tally.print('people without clothes');
}
