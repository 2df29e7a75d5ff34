import { describe, MAX_WORDS, type Described } from './captions/describe.ts';
import { isHeldOut } from './held-out.ts';
import type { Attributes } from './people/attributes.ts';
import { sampleFreely } from './people/free-attributes.ts';
import type { Random } from './random.ts';

export { nothingSaid } from './captions/compose.ts';
export { caption, captionsOf, describe, type Described } from './captions/describe.ts';
export { vocabulary, wordsOf } from './captions/vocabulary.ts';

/**
 * A description, and the person described, whose attributes are drawn evenly and independently: for training what words mean. Never a
 * caption that models are judged by.
 */
export function sampleDescribed(
  random: Random,
  maxWords = MAX_WORDS,
): Described & { attributes: Attributes } {
  for (;;) {
    const attributes = sampleFreely(random);
    const described = describe(attributes, random, maxWords);
    if (!isHeldOut(described.text)) return { attributes, ...described };
  }
}
