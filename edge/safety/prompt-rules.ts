import { readings } from './normalise.ts';
import { obscenities } from './obscenities.ts';
import { PUBLIC_FIGURES } from './public-figures.ts';

/** Why a prompt is not made into a portrait. */
export const FILTER_CATEGORIES = ['sexual_minors', 'sexual', 'slur', 'hate', 'real_person'] as const;
export type FilterCategory = (typeof FILTER_CATEGORIES)[number];

/** A pattern that finds any of the terms, which are separated by commas, as whole words. */
const list = (terms: string) => new RegExp(`\\b(?:${terms.trim().split(/,\s+/).join('|')})\\b`);

/** Colours and idioms that hold a word of {@link SEXUAL}. */
const HARMLESS = list(`
  nude (?:lip\\w*|tones?|colou?r\\w*|make ?up|make up|eye ?shadow|nails?|nail polish|shades?|palette|heels?|pumps|blush|gloss|matte|pink|beige),
  (?:in|of) nude (?:lip\\w*|tones?|colou?rs?), naked (?:eye|truth|mole|neck),
  baby (?:blue|faced?|bangs|hairs?|pink|doll collar|fat|cheeks?), kid (?:leather|gloves?),
  xxx (?:large|l), (?:same|opposite|fair|fairer) sex, sex pistols, spic and span, sex and the city`);
const HARMLESS_ALL = new RegExp(HARMLESS.source, 'g');

/** Not made of anybody. */
const SEXUAL =
  list(`nudes?, nudity, nudist, naked, topless, bottomless, nsfw, xxx, erotica?, erotically, porno?,
  pornographic, pornstar, porn star, genitals?, genitalia, nipples?, areolas?, breasts,
  bare breast\\w*, undressed, unclothed, disrobed, without (?:any )?cloth\\w*, no cloth(?:es|ing),
  wearing nothing, (?:with )?nothing on(?: but)?$, take off (?:her|his|their) cloth\\w*, striptease, sexual(?:ly)?,
  sex, fetish, bdsm, onlyfans, milf, hentai, ahegao,
  horny, camgirl, cumshot, upskirt, crotchless, deepnude, undress, aroused, lewd`);

/** Of an adult this is a matter of clothes or looks; of anybody who may be a child it is not made. */
const SUGGESTIVE =
  list(`sexy, sexier, sexiest, sexily, seductive(?:ly)?, sensual(?:ly)?, lingerie, underwear, panties,
  thong, g string, undies, negligee, provocative(?:ly)?, sultry, voluptuous, busty, slutty, kinky,
  naughty, lustful, bedroom eyes, fishnets?, stripper, hot body, big boobs`);
/** Weaker, and refused only where a child is meant for certain. */
const REVEALING =
  list(`bikini, swimsuit, swimwear, cleavage, shirtless, bra, skimpy, revealing, bathing suit, see through,
  tight dress, crop top, bare shoulders, wet shirt, bath towel`);

/** Certainly a child. */
const MINOR = list(`child, childs, children, kid, kids, toddlers?, baby, babies, infants?, newborn, underage,
  pre ?teens?, tweens?, minors?, school ?girls?, school ?boys?, little (?:girls?|boys?), young (?:girls?|boys?), pupils? in uniform, kindergartener,
  first grader, adolescents?, teenagers?, teenaged?, high ?school(?:er)?,
  daughter, preschooler, middle schooler, lolita, juvenile`);
/** Often said of adults too. */
const MAYBE_MINOR = list(`girls?, boys?, teens?, youth, lass, lad`);
/** Says nothing else. */
const ABUSE = list(`lolicon, loli, shotacon, shota, jailbait, pedo, pedophil\\w*, cp porn, child porn\\w*`);

const AGE =
  /\b(?:(\d{1,3}) ?(?:year|yr)s? ?old|(\d{1,2}) ?(?:yo|y o)|aged? (?:of )?(\d{1,3})|\d{1,2} ?(?:month|week|day)s? old|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen) (?:year|month)s? old)\b/g;
const ADULT_AGE = 18;

/** Beyond those of the library. */
const SLUR = list(
  `ching ?chong, wetbacks?, spics?, gooks?, towelheads?, ragheads?, sand nigg\\w*, shemales?, mongoloid`,
);

const HATE = list(`swastikas?, nazi, nazis, neo nazi, neonazi, ku klux klan, kkk, klansm[ae]n, heil hitler,
  adolf hitler, hitler, waffen ss, ss officer, white power, white supremac\\w*, blackface, golliwog,
  untermensch\\w*, subhuman race, isis fighter, isis flag`);

const REAL_PERSON = list(
  `deep ?fakes?, face ?swap(?:ped)?, celebrity look ?alike, ${PUBLIC_FIGURES.join(', ')}`,
);

const DRESS = /^(?:wearing )?(?:any )?(?:cloth(?:es|ing|ed)?|dress(?:ed)?|garments?|attire|shirt|outfit)$/;

function isOfMinor(reading: string): boolean {
  if (MINOR.test(reading)) return true;
  return [...reading.matchAll(AGE)].some(
    ([, years, short, aged]) => Number(years ?? short ?? aged ?? 0) < ADULT_AGE,
  );
}

/** Real people's likeness may be allowed where the operator has their consent. */
export interface PromptPolicy {
  likeness: 'refuse' | 'allow';
}

/** Why a prompt is refused, the gravest reason first; null where it may be made. */
export function checkPrompt(prompt: string, policy: PromptPolicy): FilterCategory | null {
  const found = new Set<FilterCategory>();
  for (const written of readings(prompt)) {
    const reading = written.replaceAll(HARMLESS_ALL, ' ');
    const { sexual, slur } = obscenities(reading);
    const explicit = sexual || SEXUAL.test(reading);
    const minor = isOfMinor(reading);
    const suggestive = SUGGESTIVE.test(reading);
    const aboutMinor =
      (minor && (explicit || suggestive || REVEALING.test(reading))) ||
      (MAYBE_MINOR.test(reading) && (explicit || suggestive));
    if (ABUSE.test(reading) || aboutMinor) found.add('sexual_minors');
    if (explicit) found.add('sexual');
    if (slur || SLUR.test(reading)) found.add('slur');
    if (HATE.test(reading)) found.add('hate');
    if (policy.likeness === 'refuse' && REAL_PERSON.test(reading)) found.add('real_person');
  }
  return FILTER_CATEGORIES.find((category) => found.has(category)) ?? null;
}

/**
 * Why a negative prompt is refused. It names what is not wanted, so "nudity" in it is welcome; "clothes" is a way round
 * the rules of the prompt, and a slur is one anywhere.
 */
export function checkNegativePrompt(negative: string): FilterCategory | null {
  const wishes = negative.split(/[,;.\n]/).flatMap((wish) => readings(wish));
  if (wishes.some((wish) => DRESS.test(wish))) return 'sexual';
  return readings(negative).some((reading) => obscenities(reading).slur) ? 'slur' : null;
}
