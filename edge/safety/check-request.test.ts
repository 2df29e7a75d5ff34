import { describe, expect, it, vi } from 'vitest';
import type { Env } from '../env.ts';
import { checkRequest } from './check-request.ts';
import { readVerdict } from './model-check.ts';

const request = (prompt: string, negative_prompt = '') => ({ prompt, negative_prompt });
const withModel = (answer: () => unknown, more: Partial<Env> = {}) => {
  const run = vi.fn(async () => answer());
  return { run, env: { AI: { run }, SAFETY_MODEL: 'on', ...more } as unknown as Env };
};

const fails = () => {
  throw new Error('away');
};

describe('a request', () => {
  it('passes without a model, or is filtered with what to do about it', async () => {
    expect(await checkRequest(request('a black woman'), {} as Env)).toBe(null);
    expect(await checkRequest(request('a nude woman'), {} as Env)).toMatchObject({
      category: 'sexual',
      error: { code: 'content_filtered', stage: null, action: expect.stringContaining('without nudity') },
    });
    expect(await checkRequest(request('a woman', 'clothes'), {} as Env)).toMatchObject({
      category: 'sexual',
    });
  });

  it('is shown to the model only when the rules let it pass', async () => {
    const { run, env } = withModel(() => ({ response: 'safe' }));
    expect(await checkRequest(request('an old man'), env)).toBe(null);
    expect(run).toHaveBeenCalledWith('@cf/meta/llama-guard-3-8b', expect.anything());
    await checkRequest(request('a nude man'), env);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is filtered where the model says so', async () => {
    const { env } = withModel(() => ({ response: '\n\nunsafe\nS12' }));
    expect(await checkRequest(request('an old man'), env)).toMatchObject({
      category: 'model',
      error: { message: expect.stringContaining('sexual content') },
    });
  });

  it('passes where the model fails, unless it is required', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await checkRequest(request('an old man'), withModel(fails).env)).toBe(null);
    const required = withModel(fails, { SAFETY_MODEL_REQUIRED: 'on' });
    expect(await checkRequest(request('an old man'), required.env)).toMatchObject({ category: 'model' });
  });
});

describe('the answer of Llama Guard', () => {
  it.each([
    ['safe', 'safe'],
    ['unsafe\nS4', 'unsafe'],
    ['unsafe\nS1,S10', 'unsafe'],
    ['unsafe\nS6', 'safe'],
    ['I cannot', 'silent'],
    ['', 'silent'],
  ])('%j means %s', (answer, kind) => {
    expect(readVerdict(answer).kind).toBe(kind);
  });
});
