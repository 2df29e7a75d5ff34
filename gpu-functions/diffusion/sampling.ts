/** The (guided) prediction of noise or velocity for latents at one timestep. */
export type Predict = (latents: Float32Array, timestep: number) => Promise<Float32Array>;

/** What a sampler tells after each step. */
export interface SamplingStep {
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  /** The present estimate of the clean latents. */
  readonly clean: Float32Array;
}

export interface SamplingOptions {
  /** Steps over the whole schedule. */
  readonly steps: number;
  /** Start from this timestep (SDEdit): only the schedule's steps at or below it are run. */
  readonly from?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: SamplingStep) => void;
}

/** Turns latents at the start's noise level into clean ones, by repeated prediction. */
export type Sampler = (
  latents: Float32Array,
  predict: Predict,
  options: SamplingOptions,
) => Promise<Float32Array>;
