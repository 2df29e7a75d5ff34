import type { Quality } from '../../shared/index.ts';

/** What both evaluations are told. */
export interface EvaluationOptions {
  readonly count: number;
  readonly quality: Quality;
  /** Name of a profile, or its folder. */
  readonly profile: string;
  /** File of one JSON line a portrait or person; those already there are kept. */
  readonly out?: string;
  readonly threads: number;
  /** Consistency: true pictures of each person that are known. */
  readonly given: number;
}
