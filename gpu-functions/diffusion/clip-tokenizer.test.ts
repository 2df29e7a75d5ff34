import { describe, expect, it } from 'vitest';
import { clipTokenizer, parseClipVocabulary } from './clip-tokenizer.ts';

const pieces = [
  'l',
  'o',
  'w',
  'w</w>',
  'e',
  'r</w>',
  'lo',
  'low</w>',
  'low',
  'er</w>',
  'lower</w>',
  ',</w>',
  'Ã',
  '©</w>',
];
const ids = {
  ...Object.fromEntries(pieces.map((piece, i) => [piece, i])),
  '<|startoftext|>': 90,
  '<|endoftext|>': 91,
};
const merges = '#version: 0.2\nl o\nlo w</w>\nlo w\ne r</w>\nlow er</w>\n';
const tokenizer = clipTokenizer(parseClipVocabulary(JSON.stringify(ids), merges), 8);
const words = (text: string) =>
  tokenizer
    .encode(text)
    .ids.map((id) => pieces[id] ?? (id === 90 ? '[' : ']'))
    .join(' ');

describe('CLIP tokenizer', () => {
  it('joins pieces in the order of the merges and pads with the end token', () => {
    expect(words('Low,  lower')).toBe('[ low</w> ,</w> lower</w> ] ] ] ]');
  });

  it('falls back to bytes', () => {
    expect(words('é')).toBe('[ Ã ©</w> ] ] ] ] ]');
  });

  it('leaves out whole words that do not fit, and names them', () => {
    const { ids: found, dropped } = tokenizer.encode('low low low low low low lower low');
    expect(found).toHaveLength(8);
    expect(dropped).toEqual(['lower', 'low']);
  });

  it('says when the files do not belong together', () => {
    expect(() => tokenizer.encode('x')).toThrow('do not belong together');
  });
});
