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

interface Count {
  right: number;
  asked: number;
}

/** Whether a portrait shows a trait on a side; undefined where the caption does not ask for it. */
function shows({ name, seen, saidBy, of }: Trait, one: Judged, side: Side): boolean | undefined {
  if (side === 'back' && seen === 'front') return undefined;
  if (saidBy.some((key) => !one.said.includes(key))) return undefined;
  const wanted = of(one.attributes, side);
  return wanted === undefined ? undefined : one[side][name].value === wanted;
}

function countOf(trait: Trait, judged: readonly Judged[]): Count {
  const answers = judged.flatMap((one) => [shows(trait, one, 'front'), shows(trait, one, 'back')]);
  return {
    right: answers.filter((x) => x === true).length,
    asked: answers.filter((x) => x !== undefined).length,
  };
}

const percent = ({ right, asked }: Count): string =>
  asked === 0 ? '–' : `${((100 * right) / asked).toFixed(1)} %`;

/** Groups of people whose portraits should be equally right. */
const GROUPS = ['skin', 'age', 'sex'] as const;

/**
 * A Markdown table: each trait's share of views that show what the caption says, and the judge's own accuracy on renderings that it has
 * not learned from; then the share of all traits together by group.
 */
export function scoresOf(judged: readonly Judged[], own: Readonly<Record<string, number>>): string {
  const lines = [`| trait | right | of | the judge on renderings |`, '|---|---|---|---|'];
  for (const trait of TRAITS) {
    const count = countOf(trait, judged);
    const accuracy = own[trait.name];
    lines.push(
      `| ${trait.name} | ${percent(count)} | ${count.asked} | ${accuracy === undefined ? '–' : `${(100 * accuracy).toFixed(1)} %`} |`,
    );
  }
  lines.push('', '| group | right | of |', '|---|---|---|');
  for (const group of GROUPS) {
    for (const value of [...new Set(judged.map(({ attributes }) => attributes[group]))].toSorted()) {
      const members = judged.filter(({ attributes }) => attributes[group] === value);
      const total = TRAITS.map((trait) => countOf(trait, members)).reduce((a, b) => ({
        right: a.right + b.right,
        asked: a.asked + b.asked,
      }));
      lines.push(`| ${group}: ${value} | ${percent(total)} | ${total.asked} |`);
    }
  }
  return lines.join('\n');
}
