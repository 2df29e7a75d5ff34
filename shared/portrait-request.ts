import * as z from 'zod';
import { lazily } from './lazily.ts';

/** Longest prompt and negative prompt, in UTF-16 code units after trimming. */
export const PROMPT_LIMIT = 500;

/** How many steps the stages take; `draft` leaves out distill and refine. */
export const QUALITIES = ['draft', 'standard', 'high'] as const;
export type Quality = (typeof QUALITIES)[number];

/** Model profiles a request may name. */
export const PROFILES = ['mini'] as const;
export type Profile = (typeof PROFILES)[number];

/** What the render stage can make of a tri-grid; docs/files.md says what each is. */
export const OUTPUTS = [
  'front',
  'strip',
  'turntable',
  'mp4',
  'glb',
  'obj',
  'ply',
  'stl',
  'usdz',
  'splat',
  'trigrid',
] as const;
export type Output = (typeof OUTPUTS)[number];

/** What is made where a request does not say. */
export const DEFAULT_OUTPUTS = [
  'front',
  'strip',
  'turntable',
  'glb',
  'trigrid',
] as const satisfies readonly Output[];

/** Largest seed: 2^31 − 1. */
export const SEED_LIMIT = 2 ** 31 - 1;

const prompt = () =>
  z
    .string({ error: 'prompt must be a text that describes one person' })
    .trim()
    .min(1, 'prompt is empty: describe the person, such as "an old man with a white beard"')
    .max(PROMPT_LIMIT, `prompt is longer than ${PROMPT_LIMIT} characters: shorten it`);

/**
 * What a caller asks for. Unknown members are refused, so that a misspelt option is never ignored in silence.
 * `outputs` is put in the order of {@link OUTPUTS} without repeats, so that equal wishes are equal requests.
 */
export const portraitRequestSchema = lazily(() =>
  z
    .strictObject({
      prompt: prompt(),
      negative_prompt: z
        .string()
        .trim()
        .max(PROMPT_LIMIT, `negative_prompt is longer than ${PROMPT_LIMIT} characters: shorten it`)
        .default(''),
      seed: z
        .int(`seed must be a whole number from 0 to ${SEED_LIMIT}`)
        .min(0, `seed must be a whole number from 0 to ${SEED_LIMIT}`)
        .max(SEED_LIMIT, `seed must be a whole number from 0 to ${SEED_LIMIT}`)
        .optional()
        .meta({ description: 'Drawn at random when absent; the resource tells which.' }),
      quality: z
        .enum(QUALITIES, { error: `quality must be one of ${QUALITIES.join(', ')}` })
        .default('standard'),
      profile: z.enum(PROFILES, { error: `profile must be one of ${PROFILES.join(', ')}` }).default('mini'),
      candidates: z
        .int('candidates must be a whole number from 1 to 8')
        .min(1, 'candidates must be a whole number from 1 to 8')
        .max(8, 'candidates must be a whole number from 1 to 8')
        .default(4)
        .meta({ description: 'Images drawn by the imagine stage, of which the best becomes the portrait.' }),
      outputs: z
        .array(z.enum(OUTPUTS, { error: `outputs may hold ${OUTPUTS.join(', ')}` }))
        .min(1, `outputs is empty: leave it out for ${DEFAULT_OUTPUTS.join(', ')}`)
        .max(OUTPUTS.length * 2)
        .default([...DEFAULT_OUTPUTS])
        .transform((wanted) => OUTPUTS.filter((output) => wanted.includes(output)))
        .meta({ description: 'Files to make. Others of a finished portrait only render again.' }),
    })
    .meta({
      id: 'PortraitRequest',
      example: {
        prompt: 'an old man with a white beard, wearing a red turtleneck',
        seed: 7,
        quality: 'draft',
      },
    }),
);

/** What a caller may send. */
export type PortraitRequestInput = z.input<ReturnType<typeof portraitRequestSchema>>;

/** A request with its defaults filled in; the seed may still be absent. */
export type ParsedPortraitRequest = z.output<ReturnType<typeof portraitRequestSchema>>;

/** A request with everything settled: what the job works from and what names its result. */
export type PortraitRequest = Omit<ParsedPortraitRequest, 'seed'> & { seed: number };
