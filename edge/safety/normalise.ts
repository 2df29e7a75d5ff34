/** Letters of other scripts that look like Latin ones, after NFKD and lower-casing. */
const LOOKALIKES: Record<string, string> = {
  а: 'a',
  в: 'b',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  ғ: 'f',
  һ: 'h',
  і: 'i',
  ј: 'j',
  к: 'k',
  ӏ: 'l',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  ѕ: 's',
  т: 't',
  ц: 'u',
  ѵ: 'v',
  ԝ: 'w',
  х: 'x',
  у: 'y',
  α: 'a',
  β: 'b',
  ε: 'e',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ı: 'i',
  ɡ: 'g',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
};

const LEET: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Lower case, without accents, invisible characters, and letters that only look Latin. */
function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}\p{Cc}]/gu, (character) => (/\s/.test(character) ? ' ' : ''))
    .toLowerCase()
    .replaceAll(/[^\0-\x7f]/gu, (letter) => LOOKALIKES[letter] ?? letter);
}

/**
 * Letters set apart ("n u d e", "n.u.d.e") put together, and stretched ones ("nuuude") shortened. A leading "a" may be
 * one of the letters, or the article before them.
 */
function joined(text: string, article: boolean): string {
  return text
    .replaceAll(/(?<![\p{L}\p{N}])(?:\p{L}[\s.\-_*]+){2,}\p{L}(?![\p{L}\p{N}])/gu, (letters) => {
      const together = letters.replaceAll(/[^\p{L}]/gu, '');
      return article ? together.replace(/^a/, 'a ') : together;
    })
    .replaceAll(/(\p{L})\1{2,}/gu, '$1');
}

/** Digits and signs read as letters, in words that have letters too: an age or a decade stays a number. */
function withoutLeet(text: string): string {
  return text.replaceAll(/[\p{L}\p{N}@$!]+/gu, (word) => {
    const inside = word.replace(/!+$/, '');
    if (!/\p{L}/u.test(inside) || !/[0-9@$!]/.test(inside) || /^\d+(s|th|st|nd|rd|k|yo)?$/.test(inside))
      return word;
    return word.replaceAll(/[013457@$!]/g, (sign) => LEET[sign]!);
  });
}

const words = (text: string) =>
  text
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/**
 * The ways a prompt may be read, each as lower-case words with one space between: as it is written, and with
 * disguises taken off. A rule that matches any reading matches the prompt.
 */
export function readings(text: string): string[] {
  const plain = folded(text);
  const written = [plain, withoutLeet(plain)];
  const together = written.flatMap((text) => [joined(text, false), joined(text, true)]);
  return [...new Set([...written, ...together].map(words))];
}
