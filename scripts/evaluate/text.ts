import { slotProbabilities, viewPrompt, type Slot } from '../../gpu-functions/diffusion/index.ts';
import { loadModels } from '../../gpu-functions/stages/index.ts';
import { heldOut } from '../synthetic/held-out.ts';
import type { EvaluationOptions } from './options.ts';
import { STRANGERS } from './strangers.ts';

/** A text and what it says: one or several values of a slot, and nothing of the slots that are not named. */
interface Text {
  readonly prompt: string;
  readonly says: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** How a slot was read where texts say it, and where they do not. */
interface Reading {
  said: number;
  right: number;
  /** Read as unsaid. */
  missed: number;
  /** Read as another value. */
  mistaken: number;
  unsaid: number;
  /** Read as said where it is not. */
  invented: number;
}

/** What tells the side that is seen, which these texts do not say. */
const VIEW = 'view';

/** Reads texts as portraits are asked for, from the front, and counts by slot. */
type Read = (prompt: string) => Promise<readonly (readonly number[])[]>;

function add(
  count: Reading,
  slot: Slot,
  row: readonly number[],
  says: string | readonly string[] | undefined,
) {
  const place = row.indexOf(Math.max(...row));
  const read = place === 0 ? undefined : slot.values[place - 1];
  if (says === undefined) {
    count.unsaid++;
    if (read !== undefined) count.invented++;
    return read === undefined;
  }
  count.said++;
  const right = read !== undefined && (typeof says === 'string' ? [says] : says).includes(read);
  if (right) count.right++;
  else if (read === undefined) count.missed++;
  else count.mistaken++;
  return right;
}

async function readingOf(texts: readonly Text[], slots: readonly Slot[], read: Read, signal: AbortSignal) {
  const counts = new Map<string, Reading>();
  const wrong: string[] = [];
  for (const { prompt, says } of texts) {
    signal.throwIfAborted();
    const rows = await read(viewPrompt('front', prompt));
    const faults: string[] = [];
    slots.forEach((slot, s) => {
      if (slot.name === VIEW) return;
      const count = counts.get(slot.name) ?? {
        said: 0,
        right: 0,
        missed: 0,
        mistaken: 0,
        unsaid: 0,
        invented: 0,
      };
      counts.set(slot.name, count);
      if (add(count, slot, rows[s], says[slot.name])) return;
      const told = ['unsaid', ...slot.values]
        .map((value, k) => ({ value, p: rows[s][k] }))
        .toSorted((a, b) => b.p - a.p)
        .slice(0, 2)
        .map(({ value, p }) => `${value} ${p.toFixed(2)}`);
      faults.push(`${slot.name} ${told.join(', ')}`);
    });
    if (faults.length > 0) wrong.push(`- ${prompt}: ${faults.join('; ')}`);
  }
  return { counts, wrong };
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

function table(counts: ReadonlyMap<string, Reading>): string[] {
  const row = (name: string, c: Reading) =>
    `| ${name} | ${percent(c.right, c.said)} | ${percent(c.missed, c.said)} | ${percent(c.mistaken, c.said)} | ${c.said} | ${percent(c.invented, c.unsaid)} | ${c.unsaid} |`;
  const all = [...counts.values()].reduce((a, b) => ({
    said: a.said + b.said,
    right: a.right + b.right,
    missed: a.missed + b.missed,
    mistaken: a.mistaken + b.mistaken,
    unsaid: a.unsaid + b.unsaid,
    invented: a.invented + b.invented,
  }));
  return [
    '| slot | right | missed | mistaken | of | invented | of |',
    '|---|---|---|---|---|---|---|',
    ...[...counts].map(([name, count]) => row(name, count)),
    row('**all**', all),
  ];
}

/**
 * How well the text encoder reads alone: of the held-out captions, what it says of each slot against what they say, and of prompts as
 * strangers write them. A caption may name several values by one word ("a hat"); of the value it was written for the encoder then can
 * only guess. Slots of the captions' values that the profile's encoder does not have are left out.
 */
export async function evaluateText(options: EvaluationOptions, signal: AbortSignal): Promise<string> {
  const { count, profile, threads } = options;
  const models = await loadModels(profile, { threads });
  try {
    const { textEncoder, config } = await models.diffusionModel();
    const { slots } = config.textEncoder;
    if (!slots)
      throw new Error(`The text encoder of '${profile}' reads no slots: there is nothing to measure.`);
    const read: Read = async (prompt) =>
      slotProbabilities(slots, await textEncoder.encode([textEncoder.tokenizer.encode(prompt).ids]));
    const captions = Array.from({ length: count }, (_, i): Text => {
      const { text, said, attributes } = heldOut(i);
      const says = Object.fromEntries(said.map((name) => [name, attributes[name]]));
      return { prompt: text, says: says as Text['says'] };
    });
    const held = await readingOf(captions, slots, read, signal);
    const strangers = await readingOf(STRANGERS, slots, read, signal);
    return [
      `${count} held-out captions`,
      '',
      ...table(held.counts),
      '',
      `${STRANGERS.length} prompts as strangers write them, of which ${STRANGERS.length - strangers.wrong.length} are read wholly right`,
      '',
      ...table(strangers.counts),
      '',
      ...strangers.wrong,
    ].join('\n');
  } finally {
    await models.close();
  }
}
