import { concat, unsqueeze } from '../ops/shape.ts';
import { GraphError, type HostTensor } from '../tensor.ts';
import { constant, type Value } from '../value.ts';
import type { ReadGraph } from './model-reader.ts';

/** What writing out a Loop needs of the import. */
export interface BodyImport {
  readonly known: (value: Value) => HostTensor | undefined;
  /** The outputs of the body, once more; the values of its names are added to those given. */
  readonly run: (values: Map<string, Value>) => readonly Value[];
}

/** Where loops have more nodes together, the others stay loops. */
export const MOST_UNROLLED_NODES = 1 << 14;

const isTrue = (t: HostTensor): boolean => Number(t.data[0]) !== 0;

/**
 * The outputs of a Loop whose iterations are written out one after the other. What is carried may change its shape on the way.
 * @param inputs the number of iterations, the condition, and what is carried at first
 * @returns undefined where it is not known beforehand how often it runs, or is too often
 */
export function unroll(
  body: ReadGraph,
  [count, condition, ...initial]: readonly (Value | undefined)[],
  { known, run }: BodyImport,
): readonly (Value | undefined)[] | undefined {
  const [trips, first] = [count && known(count), condition && known(condition)];
  if ((count && !trips) || (condition && !first)) return undefined;
  if (body.inputs.length !== initial.length + 2)
    throw new GraphError('its body takes other inputs than it gets');
  const most = trips ? Number(trips.data[0]) : Infinity;
  if (trips && most * body.nodes.length > MOST_UNROLLED_NODES) return undefined;
  let going = !first || isTrue(first);
  let state = initial;
  const rows: (readonly Value[])[] = [];
  // Initializers of the body are the same ones in every iteration.
  let weights: readonly [string, Value][] = [];
  for (let i = 0; going && i < most; i++) {
    const values = new Map(weights);
    for (const [k, value] of [constant(i, 'int64'), constant(1, 'bool'), ...state].entries()) {
      if (value) values.set(body.inputs[k].name, value);
    }
    const [goOn, ...made] = run(values);
    const condition = known(goOn);
    if (!condition) return undefined;
    going = isTrue(condition);
    state = made.slice(0, initial.length);
    rows.push(made.slice(initial.length));
    weights = [...values].filter(([name]) => body.initializers.has(name));
  }
  // Without any iteration the shape of what would be stacked is not known.
  const stacked =
    rows.at(0)?.map((_, k) =>
      concat(
        rows.map((row) => unsqueeze(row[k], [0])),
        0,
      ),
    ) ?? [];
  return [...state, ...stacked];
}
