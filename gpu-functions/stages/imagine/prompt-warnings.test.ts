import { describe, expect, it } from 'vitest';
import { warningSchema } from '../../../shared/index.ts';
import { wordTokenizer } from '../../diffusion/index.ts';
import { promptWarnings } from './prompt-warnings.ts';

const WORDS = `a an the old young man woman boy with and in white red beard glasses sunglasses sun hat garden sea green dark blue round smiling wearing no without hair pony tail
  turtleneck harry potter raven portrait of`;
const tokenizer = wordTokenizer(WORDS.split(/\s+/), 24);
const warnings = (prompt: string) => promptWarnings(prompt, tokenizer);
const phrases = (prompt: string) =>
  warnings(prompt)
    .filter(({ code }) => code === 'not_drawable')
    .flatMap(({ words }) => words);

describe('a prompt that is understood', () => {
  it.each([
    'an old man with a white beard, wearing a red turtleneck',
    'a young woman in dark sunglasses and a sun hat',
    'a man with round Harry Potter glasses',
    'a woman with raven hair and a pony tail, in a garden hat, in sea green',
    'a man without a tattoo',
    'old',
  ])('is not warned of: %s', (prompt) => {
    expect(warnings(prompt).filter(({ code }) => code !== 'unknown_words')).toEqual([]);
  });
});

it('does not name as unknown what is not wanted', () => {
  expect(warnings('a woman without tattoos')).toEqual([]);
});

describe('unknown words', () => {
  it('are named with the nearest that is known', () => {
    const [warning, ...others] = warnings('an old man with a monocle, a baerd and a zorgle');
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'unknown_words', words: ['monocle', 'baerd', 'zorgle'] });
    expect(warning.suggestions).toEqual([
      { word: 'monocle', nearest: 'glasses' },
      { word: 'baerd', nearest: 'beard' },
      { word: 'zorgle', nearest: null },
    ]);
    expect(warning.detail).toContain('"baerd" (the nearest it knows is "beard")');
    expect(warningSchema().parse(warning)).toEqual(warning);
  });
});

describe('what cannot be drawn', () => {
  it.each([
    ['a dragon', ['a dragon'], 'people only'],
    ['an old man and his dogs', ['his dogs'], 'people only'],
    ['a red car', ['car'], 'people only'],
    ['two people', ['two people'], 'one person'],
    ['two old women with glasses', ['two old women'], 'one person'],
    ['a man and a woman', ['and a woman'], 'one person'],
    ['a man, full body', ['full body'], 'head and shoulders'],
    ['an old man in the rain', ['in the rain'], 'background'],
    ['a woman in front of the sea, on a beach', ['on a beach'], 'background'],
    ['Elvis Presley with a beard', ['elvis presley'], 'by name'],
    ['a woman with a tattoo', ['a tattoo'], 'details'],
  ])('%s', (prompt, expected, said) => {
    expect(phrases(prompt)).toEqual(expected);
    const warning = warnings(prompt).find(({ code }) => code === 'not_drawable')!;
    expect(warning.detail).toContain(`"${expected[0]}"`);
    expect(warning.detail).toContain(said);
  });

  it('is not named again as unknown', () => {
    expect(warnings('an old man with a dragon').map(({ code }) => code)).toEqual(['not_drawable']);
  });

  it('is drawable once the model has the word', () => {
    expect(
      promptWarnings('a man with an earring', wordTokenizer(['man', 'earring', 'a', 'with', 'an'], 16)),
    ).toEqual([]);
  });
});

describe('a prompt of which nothing is understood', () => {
  it.each(['a dragon', 'zorgle', 'a portrait of a car', '???', 'Elvis'])('%s', (prompt) => {
    expect(warnings(prompt).at(-1)).toMatchObject({ code: 'nothing_understood' });
  });
});

it('nothing is understood where the model reads nothing of a person in known words', () => {
  expect(promptWarnings('a portrait of a smiling sea', tokenizer, [])).toMatchObject([
    { code: 'nothing_understood' },
  ]);
  expect(promptWarnings('a portrait of a smiling man', tokenizer, ['sex', 'expression'])).toEqual([]);
});

it('says where a prompt was cut off', () => {
  const long = Array.from({ length: 30 }, () => 'red').join(' ');
  expect(warnings(`${long} beard`)).toMatchObject([{ code: 'prompt_too_long', words: ['red', 'beard'] }]);
});

it('judges no encoder that can express any text', () => {
  const open = { ...tokenizer, words: undefined };
  expect(promptWarnings('a dragon', open)).toEqual([]);
});
