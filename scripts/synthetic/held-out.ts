import { describe, type Described } from './captions/describe.ts';
import { wordsOf } from './captions/vocabulary.ts';
import { sampleAttributes, type Attributes } from './people/attributes.ts';
import { random } from './random.ts';

/** How many captions the bundled models are judged by. */
export const HELD_OUT = 200;

/** Where their seeds begin: no dataset has people of these. */
export const HELD_OUT_SEED = 1_000_000;
/** A stream that no dataset draws from, whatever its seed. */
const STREAM = 'evaluate';
/** A caption that says less than this asks for too little to be judged by. */
const LEAST_SAID = 3;

/** Person and caption `i` of those that models are judged by. */
export function heldOut(i: number): Described & { attributes: Attributes } {
  const next = random(HELD_OUT_SEED + i, STREAM);
  for (;;) {
    const attributes = sampleAttributes(next);
    const described = describe(attributes, next);
    if (described.said.length >= LEAST_SAID) return { ...described, attributes };
  }
}

const inWords = (text: string): string => wordsOf(text).join(' ');
let texts: ReadonlySet<string> | undefined;

/** Whether a text is, word by word, one that models are judged by: training must not see it. */
export function isHeldOut(text: string): boolean {
  texts ??= new Set(Array.from({ length: HELD_OUT }, (_, i) => inWords(heldOut(i).text)));
  return texts.has(inWords(text));
}
