import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';

/**
 * Of the library's words, those that matter for a picture. Its other entries are mere swearing, or mean something
 * harmless in a description too often (surnames, birds).
 */
const SEXUAL = new Set(
  `anal, anus, bestiality, blowjob, boob, buttplug, cum, cunt, deepthroat, dildo, doggystyle,
  double penetration, ejaculate, felch, fellatio, finger bang, fisting, gangbang, handjob, hentai,
  incest, jerk off, jizz, lubejob, masturbate, orgasm, orgy, penis, porn, pussy, rape, scat, semen,
  slut, vagina, wank, whore, fuck`.split(/,\s+/),
);
const SLURS = new Set(
  `abeed, africoon, arabush, boonga, chingchong, chink, dyke, fag, kike, nigger, retard, tranny`.split(
    /,\s+/,
  ),
);

/** Harmless phrases that hold one of these words. */
const HARMLESS =
  /\b(?:van dyke?|vandyke?|pussy (?:cat|bow|willow)s?|pussycats?|chinks? in|chink of|same sex|sex pistols|opposite sex|scat (?:singer|singing|jazz)|jazz scat|kettle ?fag|fag end|fire retard\w*|flame retard\w*|orgy of colou?rs?)\b/g;

let matcher: RegExpMatcher | null = null;

/** Made at first use: it costs time that a start of the worker should not pay. */
function theMatcher(): RegExpMatcher {
  matcher ??= new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });
  return matcher;
}

/** Which kinds of obscenity a reading of a prompt holds. */
export function obscenities(reading: string): { sexual: boolean; slur: boolean } {
  const found = theMatcher()
    .getAllMatches(reading.replaceAll(HARMLESS, ' '))
    .map((match) => englishDataset.getPayloadWithPhraseMetadata(match).phraseMetadata?.originalWord ?? '');
  return { sexual: found.some((word) => SEXUAL.has(word)), slur: found.some((word) => SLURS.has(word)) };
}
