import type { Attributes } from '../people/attributes.ts';
import { pick, type Random } from '../random.ts';
import { DENIED, GROWN, JEWELLERY, NOT_WORN, WITHOUT, type Deniable } from '../words/denials.ts';
import { shuffled } from './compose.ts';
import type { Key, Mention, Role } from './mentions.ts';

const isDeniable = (key: Key): key is Deniable => Object.hasOwn(DENIED, key);

/** Share of denials that are made of the things' names; the others are phrases of their own ("clean-shaven"). */
const MADE = 0.65;

const withoutArticle = (name: string): string => name.replace(/^an? /, '');

/** Names of what there is none of, joined: "a hat or glasses", and as they stand after "no": "hat or glasses", "hat and no glasses". */
function joined(random: Random, names: readonly string[]): { n: string; m: string; nor: string } {
  const or = pick(random, [' or ', ' or ', ' or ', ' and ', ' nor ']);
  const and = pick(random, [' or ', ' or ', ' and no ', ' and no ', ', no ']);
  const bare = names.map(withoutArticle);
  return {
    n: names.join(or),
    m: bare.join(and),
    nor: names.length > 1 ? names.join(' nor ') : `${names[0]} nor anything like it`,
  };
}

/**
 * Says of some of what a person has none of that there is none, in one phrase: "without a hat or glasses", "no beard".
 * @param none keys to be mentioned of which the person has none
 * @returns the phrase and the keys it says, which may be one more; null where each is to be said by a phrase of its own
 */
export function denial(
  random: Random,
  a: Attributes,
  none: readonly Key[],
  roles: readonly Role[],
): Mention | null {
  const denied = none.filter(isDeniable).filter(() => random() < 0.85);
  if (denied.length === 0 || random() >= MADE) return null;
  const worn = denied.every((key) => !GROWN.has(key)) && random() < 0.5;
  const phrases = worn ? NOT_WORN : WITHOUT;
  const role = pick(
    random,
    (['is', 'is', 'has', 'clause'] as const).filter((one) => roles.includes(one)),
  );
  const jewels = denied.some((key) => key === 'earrings' || key === 'necklace');
  const bare = a.earrings === 'none' && a.necklace === 'none';
  const inOneWord = jewels && bare && random() < 0.4;
  const named = inOneWord ? denied.filter((key) => key !== 'earrings' && key !== 'necklace') : denied;
  const names = named.map((key) => pick(random, DENIED[key]));
  if (inOneWord) names.push(pick(random, JEWELLERY));
  const { n, m, nor } = joined(random, shuffled(random, names));
  const text = pick(random, phrases[role]).replace('{n}', n).replace('{m}', m).replace('{nor}', nor);
  return { role, text, says: inOneWord ? [...named, 'earrings', 'necklace'] : denied };
}
