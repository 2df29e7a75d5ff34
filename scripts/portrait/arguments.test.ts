import { describe, expect, test } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';

describe('readArguments', () => {
  test('takes the README line', () => {
    const read = readArguments([
      'an old man',
      '--seed',
      '7',
      '--out',
      'there',
      '--quality',
      'draft',
      '--negative',
      'hat',
    ]);
    expect(read).toMatchObject({
      request: { prompt: 'an old man', negative_prompt: 'hat', seed: 7, quality: 'draft' },
      out: 'there',
      api: undefined,
    });
  });

  test('leaves the seed to the service where none is given', () => {
    const read = readArguments(['a woman']);
    expect(read).toMatchObject({ request: { quality: 'standard', candidates: 4 }, out: 'out' });
    expect(read).not.toHaveProperty('request.seed');
  });

  test('takes the address of a running service', () => {
    expect(readArguments(['a woman', '--api', 'https://example.org/'])).toMatchObject({
      api: new URL('https://example.org'),
    });
  });

  test('takes the wanted files as a list', () => {
    const read = readArguments(['a woman', '--outputs', 'glb, front']);
    expect(read).toMatchObject({ request: { outputs: ['front', 'glb'] } });
  });

  test.each([
    [[], /prompt is missing/],
    [['  '], /prompt is empty: describe/],
    [['x'.repeat(501)], /longer than 500/],
    [['an', 'old', 'man'], /3 prompts: put the whole prompt in quotes/],
    [['man', '--seed', 'seven'], /seed must be a whole number from 0/],
    [['man', '--seed', '1.5'], /seed must be a whole number/],
    [['man', '--seed', '-1'], /seed/],
    [['man', '--seed=4294967296'], /seed must be a whole number from 0/],
    [['man', '--quality', 'ultra'], /quality must be one of draft, standard/],
    [['man', '--candidates', '9'], /candidates must be a whole number from 1 to 8/],
    [['man', '--outputs', 'glb,step'], /outputs may hold front, .*glb/],
    [['man', '--api', 'localhost'], /--api must be an http or https address/],
    [['man', '--sed', '7'], /--sed/],
    [['man', '--out'], /--out/],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(message);
  });
});
