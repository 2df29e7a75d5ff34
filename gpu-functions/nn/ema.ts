import { add, mul, sub, type Arg } from '../graph/index.ts';
import { mapValues, type Values } from './values.ts';

/** Exponential moving average: decay · average + (1 − decay) · params. */
export function ema(average: Values, params: Values, decay: Arg): Values {
  return mapValues(average, (a, name) => add(params[name], mul(sub(a, params[name]), decay)));
}
