import * as z from 'zod';
import { lazily } from './lazily.ts';
import type { Output, ParsedPortraitRequest, Profile, Quality } from './portrait-request.ts';
import { stageSchema, stagesFor, type Stage } from './stages.ts';

/** What one credit costs, in US cents. All amounts in the ledger are whole credits. */
export const CENTS_PER_CREDIT = 1;

/** Candidates that the price of imagine covers; each further four, or part of four, cost as much again. */
const CANDIDATES_COVERED = 4;

/** Credits of each stage, by profile and quality. */
const STAGE_PRICES: Record<Profile, Record<Stage, Record<Quality, number>>> = {
  mini: {
    imagine: { draft: 1, standard: 1, high: 1 },
    invert: { draft: 1, standard: 2, high: 2 },
    distill: { draft: 0, standard: 3, high: 6 },
    refine: { draft: 0, standard: 2, high: 4 },
    render: { draft: 1, standard: 1, high: 1 },
  },
};

/** Credits of outputs that cost something beyond the render they are part of. */
const OUTPUT_PRICES: Partial<Record<Output, number>> = { turntable: 1, glb: 1 };

/** One line of a price. */
export const priceLineSchema = lazily(() =>
  z.object({
    stage: stageSchema(),
    credits: z.int().min(0),
    detail: z.string().meta({ description: 'What it is for, for people.' }),
  }),
);
export type PriceLine = z.output<ReturnType<typeof priceLineSchema>>;

/** What a portrait costs, before it is charged. */
export const quoteSchema = lazily(() =>
  z
    .object({
      object: z.literal('quote'),
      credits: z.int().min(0).meta({ description: 'The most that this request is charged.' }),
      usd: z.string().meta({ description: 'The same in US dollars.' }),
      lines: z.array(priceLineSchema()),
      note: z.string(),
    })
    .meta({ id: 'Quote' }),
);
export type Quote = z.output<ReturnType<typeof quoteSchema>>;

/** What a price depends on. */
export type Priced = Pick<ParsedPortraitRequest, 'profile' | 'quality' | 'candidates' | 'outputs'>;

/** The lines of a price, in the order of the stages. */
export function priceLines({ profile, quality, candidates, outputs }: Priced): PriceLine[] {
  return stagesFor(quality).flatMap((stage): PriceLine[] => {
    const each = STAGE_PRICES[profile][stage][quality];
    if (stage === 'imagine') {
      const times = Math.ceil(candidates / CANDIDATES_COVERED);
      return [{ stage, credits: each * times, detail: `${candidates} candidates` }];
    }
    const line = { stage, credits: each, detail: `${stage}, ${quality}` };
    if (stage !== 'render') return [line];
    return [
      line,
      ...outputs.flatMap((output) => {
        const credits = OUTPUT_PRICES[output];
        return credits === undefined ? [] : [{ stage, credits, detail: `output ${output}` }];
      }),
    ];
  });
}

/**
 * Credits of a request. Stages that were answered from an earlier equal run cost nothing, so a finished portrait is
 * charged `priceOf(request, cachedStages)`, never more than `priceOf(request)`.
 */
export function priceOf(request: Priced, cached: readonly Stage[] = []): number {
  return priceLines(request)
    .filter(({ stage }) => !cached.includes(stage))
    .reduce((sum, { credits }) => sum + credits, 0);
}

/** Credits as US dollars, such as `0.12`. */
export function usdOf(credits: number): string {
  return ((credits * CENTS_PER_CREDIT) / 100).toFixed(2);
}

/** The quote of a request. */
export function quoteOf(request: Priced): Quote {
  const credits = priceOf(request);
  return {
    object: 'quote',
    credits,
    usd: usdOf(credits),
    lines: priceLines(request),
    note: 'Reserved when accepted, charged on success. Stages answered from an earlier equal run are not charged.',
  };
}
