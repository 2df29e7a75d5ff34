import { describe, expect, it } from 'vitest';
import { OUTPUTS, portraitRequestSchema, QUALITIES } from './portrait-request.ts';
import { priceLines, priceOf, quoteOf } from './prices.ts';
import { STAGES } from './stages.ts';

const request = (wish: object) => portraitRequestSchema().parse({ prompt: 'an old man', ...wish });

describe('prices', () => {
  it('is the sum of its lines, for every quality', () => {
    for (const quality of QUALITIES) {
      const wish = request({ quality });
      const sum = priceLines(wish).reduce((total, { credits }) => total + credits, 0);
      expect(priceOf(wish)).toBe(sum);
      expect(quoteOf(wish).credits).toBe(sum);
    }
  });

  it('grows with quality, candidates and outputs', () => {
    const [draft, standard, high] = QUALITIES.map((quality) => priceOf(request({ quality })));
    expect(draft).toBeLessThan(standard!);
    expect(standard).toBeLessThan(high!);
    expect(priceOf(request({ candidates: 8 }))).toBeGreaterThan(priceOf(request({ candidates: 4 })));
    expect(priceOf(request({ outputs: ['front'] }))).toBeLessThan(
      priceOf(request({ outputs: [...OUTPUTS] })),
    );
  });

  it('leaves out stages that were answered from the cache, down to nothing', () => {
    const wish = request({ quality: 'standard' });
    expect(priceOf(wish, ['imagine', 'invert'])).toBeLessThan(priceOf(wish));
    expect(priceOf(wish, STAGES)).toBe(0);
  });

  it('tells dollars with cents', () => {
    expect(quoteOf(request({ quality: 'draft', outputs: ['front'] }))).toMatchObject({
      credits: 3,
      usd: '0.03',
    });
  });
});
