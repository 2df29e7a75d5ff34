/**
 * How the values of an attribute are said, by the place a phrase takes in a sentence. In all of them `{c}` stands for
 * the attribute's colour, `{d}` for a second one, `{his}` and `{he}` for pronouns; a phrase says the attribute and whatever it has a
 * placeholder for.
 */
export interface Sayings {
  /** Before the noun: "bearded". */
  before?: readonly string[];
  /** What one has: "a {c} beard". */
  has?: readonly string[];
  /** What one wears: "a {c} hat". */
  wears?: readonly string[];
  /** After the noun or after "is": "in {his} sixties", "clean-shaven". */
  is?: readonly string[];
  /** Instead of the noun: "redhead". */
  noun?: readonly string[];
  /** A sentence of its own: "{his} hair is {c}". */
  clause?: readonly string[];
}

/** Sayings of every value. */
export type SayingsOf<K extends string> = Readonly<Record<K, Sayings>>;

/** The phrases of a text in which bars separate them; one that stands twice is drawn twice as often. */
export const either = (text: string): readonly string[] =>
  text
    .split('|')
    .map((phrase) => phrase.trim().replace(/\s+/g, ' '))
    .filter(Boolean);
