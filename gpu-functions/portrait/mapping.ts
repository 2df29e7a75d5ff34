import { add, concat, expand, mul, reshape, slice, sub, zeros, type Value } from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import type { GeneratorConfig } from './config.ts';
import { rowsOfW } from './config.ts';
import { dense, normaliseSecondMoment } from './styled-layers.ts';

export interface Truncation {
  /** 1 keeps w, 0 gives the average. */
  psi: number;
  /** Number of leading rows that are truncated; all by default. */
  cutoff?: number;
}

const LEARNING_RATE = 0.01;

/**
 * Mapping network: z [N, zDim] and conditioning [N, cDim + poseDim] to W+ [N, rows, wDim], all rows alike unless truncated in part.
 * @param p parameters below `backbone.mapping` (embed, fc0, fc1, …, w_avg)
 */
export function mapLatent(
  p: Parameters,
  config: GeneratorConfig,
  z: Value,
  conditioning: Value,
  truncation?: Truncation,
): Value {
  const { wDim, mappingLayers } = config;
  const n = z.shape[0];
  const rows = rowsOfW(config);
  const embedded = normaliseSecondMoment(dense(p.at('embed'), conditioning, wDim));
  let x = concat([normaliseSecondMoment(z), embedded], 1);
  for (let layer = 0; layer < mappingLayers; layer++) {
    x = dense(p.at(`fc${layer}`), x, wDim, { learningRate: LEARNING_RATE, activation: 'leakyRelu' });
  }
  const ws = expand(reshape(x, [n, 1, wDim]), [n, rows, wDim]);
  return truncation ? truncate(ws, p.get('w_avg', [wDim]), truncation) : ws;
}

/** w_avg + ψ·(w − w_avg) on the first `cutoff` rows of ws [N, rows, wDim]. */
export function truncate(ws: Value, average: Value, { psi, cutoff }: Truncation): Value {
  const rows = ws.shape[1];
  const end = Math.min(cutoff ?? rows, rows);
  const head = slice(ws, 1, 0, end);
  const centre = reshape(average, [1, 1, ws.shape[2]]);
  const truncated = add(centre, mul(sub(head, centre), psi));
  return end === rows ? truncated : concat([truncated, slice(ws, 1, end, rows)], 1);
}

/** Conditioning [N, cDim + poseDim]: camera label and body pose, zero pose where none is given. */
export function conditioningOf(config: GeneratorConfig, camera: Value, pose?: Value): Value {
  return concat([camera, pose ?? zeros([camera.shape[0], config.poseDim])], 1);
}
