import type { Attributes } from '../synthetic/people/attributes.ts';
import type { Verdict } from './judge.ts';
import { TRAITS, type Side, type Trait } from './traits.ts';

/** One portrait as the judge saw it. */
export interface Judged {
  readonly caption: string;
  /** The attributes that the caption states. */
  readonly said: readonly string[];
  /** Of the person described; only what is said can be asked of the portrait. */
  readonly attributes: Attributes;
  readonly front: Verdict;
  readonly back: Verdict;
}

/** Views in which a trait is asked for: how many show it, and the probabilities that the judge gives what is wanted. */
interface Count {
  right: number;
  asked: number;
  certainty: number;
}

/** What the judge says to a trait of a portrait on a side; undefined where the caption does not ask for it. */
function answer({ name, values, seen, saidBy, of }: Trait, one: Judged, side: Side) {
  if (side === 'back' && seen === 'front') return undefined;
  if (saidBy.some((key) => !one.said.includes(key))) return undefined;
  const wanted = of(one.attributes, side);
  if (wanted === undefined) return undefined;
  const { value, probabilities } = one[side][name];
  return { right: value === wanted, certainty: probabilities[values.indexOf(wanted)] };
}

function countOf(trait: Trait, judged: readonly Judged[]): Count {
  const answers = judged.flatMap((one) =>
    (['front', 'back'] as const).flatMap((side) => answer(trait, one, side) ?? []),
  );
  return {
    right: answers.filter(({ right }) => right).length,
    asked: answers.length,
    certainty: answers.reduce((sum, { certainty }) => sum + certainty, 0),
  };
}

const together = (judged: readonly Judged[]): Count =>
  TRAITS.map((trait) => countOf(trait, judged)).reduce((a, b) => ({
    right: a.right + b.right,
    asked: a.asked + b.asked,
    certainty: a.certainty + b.certainty,
  }));

const share = (part: number, { asked }: Count): string =>
  asked === 0 ? '–' : `${((100 * part) / asked).toFixed(1)} %`;

/** Groups of people whose portraits should be equally right. */
const GROUPS = ['skin', 'age', 'sex'] as const;

/**
 * A Markdown table: each trait's share of views that show what the caption says, the mean probability that the judge gives to what it
 * says, and the judge's own accuracy on renderings that it has not learned from; then the same of all traits together, and by group.
 */
export function scoresOf(judged: readonly Judged[], own: Readonly<Record<string, number>>): string {
  const lines = [`| trait | right | certainty | of | the judge on renderings |`, '|---|---|---|---|---|'];
  for (const trait of TRAITS) {
    const count = countOf(trait, judged);
    const accuracy = own[trait.name];
    lines.push(
      `| ${trait.name} | ${share(count.right, count)} | ${share(count.certainty, count)} | ${count.asked} | ${accuracy === undefined ? '–' : `${(100 * accuracy).toFixed(1)} %`} |`,
    );
  }
  const all = together(judged);
  lines.push(`| all | ${share(all.right, all)} | ${share(all.certainty, all)} | ${all.asked} | |`);
  lines.push('', '| group | right | of |', '|---|---|---|');
  for (const group of GROUPS) {
    for (const value of [...new Set(judged.map(({ attributes }) => attributes[group]))].toSorted()) {
      const members = judged.filter(({ attributes }) => attributes[group] === value);
      const total = together(members);
      lines.push(`| ${group}: ${value} | ${share(total.right, total)} | ${total.asked} |`);
    }
  }
  return lines.join('\n');
}
