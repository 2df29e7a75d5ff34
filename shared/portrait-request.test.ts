import { describe, expect, it } from 'vitest';
import { portraitRequestSchema } from './portrait-request.ts';

const parse = (body: unknown) => portraitRequestSchema().safeParse(body);

describe('portrait request', () => {
  it('fills in the defaults and leaves the seed to be drawn', () => {
    expect(parse({ prompt: '  an old man ' }).data).toEqual({
      prompt: 'an old man',
      negative_prompt: '',
      quality: 'standard',
      profile: 'mini',
      candidates: 4,
      outputs: ['front', 'strip', 'turntable', 'glb', 'trigrid'],
    });
  });

  it('writes equal wishes equally', () => {
    expect(parse({ prompt: 'x', outputs: ['glb', 'front', 'glb'] }).data?.outputs).toEqual(['front', 'glb']);
  });

  it('takes a prompt of exactly 500 characters and no more', () => {
    expect(parse({ prompt: 'x'.repeat(500) }).success).toBe(true);
    expect(parse({ prompt: 'x'.repeat(501) }).success).toBe(false);
  });

  it.each([
    { prompt: '   ' },
    {},
    { prompt: 7 },
    { prompt: 'x', seed: -1 },
    { prompt: 'x', seed: 2 ** 31 },
    { prompt: 'x', seed: 1.5 },
    { prompt: 'x', quality: 'best' },
    { prompt: 'x', profile: 'huge' },
    { prompt: 'x', candidates: 9 },
    { prompt: 'x', outputs: [] },
    { prompt: 'x', outputs: ['video'] },
    { prompt: 'x', qualty: 'draft' },
    [],
  ])('refuses %j', (body) => {
    expect(parse(body).success).toBe(false);
  });
});
