import {
  add,
  gradients,
  hostTensor,
  input,
  mul,
  sqrt,
  square,
  sum,
  type HostTensor,
  type Value,
} from '../graph/index.ts';
import { adanStep } from '../nn/index.ts';
import { collapsePyramid, type GeneratorConfig } from '../portrait/index.ts';
import type { Models } from './models.ts';
import type { LoopState } from './rounds.ts';
import { finestSide, type Trigrid } from './trigrid-file.ts';
import { levelInputs, withFinestSide } from './views/scene-graphs.ts';
import { collapse, shared } from './views/scene.ts';
import type { Workspace } from './workspace.ts';

/** Moments of Adan, each a tensor a level. */
const MOMENTS = ['m', 'v', 's', 'n'] as const;
const AVERAGE = 'average';

/** Adan's rate of every level in standard deviations of its values, and the decay of the average over steps. */
export interface TrigridRates {
  rate: number;
  /** Factor of each level from the coarsest; the last one holds for all finer levels. */
  levelRatios: readonly number[];
  emaDecay: number;
}

/** A tri-grid under optimisation: levels, their moving average, and Adan's moments, as a checkpoint holds them. */
export function startOptimisation({ levels, ws }: Trigrid): LoopState {
  const state: LoopState = new Map([
    ['ws', ws],
    ['step', hostTensor(Float32Array.of(0), [])],
    ['scales', levelScales(levels)],
  ]);
  for (const [name, level] of levels) {
    state.set(name, level);
    state.set(`${AVERAGE}.${name}`, level);
    for (const moment of MOMENTS)
      state.set(`${moment}.${name}`, hostTensor(new Float32Array(level.data.length), level.shape));
  }
  return state;
}

/**
 * Standard deviation of each level at the start, in whose units its rate is; a level of zeros takes that of the next
 * coarser one.
 */
function levelScales(levels: Trigrid['levels']): HostTensor {
  const scales: number[] = [];
  for (const { data } of levels.values()) {
    const values = data as Float32Array;
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
    scales.push(spread > 0 ? spread : (scales.at(-1) ?? 1));
  }
  return hostTensor(Float32Array.from(scales), [scales.length]);
}

const levelNames = (state: LoopState) => [...state.keys()].filter((name) => name.startsWith('trigrids_'));

/** The tri-grid as it is now. */
export function currentTrigrid(state: LoopState): Trigrid {
  return { levels: new Map(levelNames(state).map((name) => [name, state.get(name)!])), ws: state.get('ws')! };
}

/** The moving average over the steps, which has less of their noise. */
export function averageTrigrid(state: LoopState): Trigrid {
  const levels = levelNames(state).map((name) => [name, state.get(`${AVERAGE}.${name}`)!] as const);
  return { levels: new Map(levels), ws: state.get('ws')! };
}

/** A copy that {@link stepOptimisation} may change; levels are in memory that sessions of other threads read without copying. */
export function copyOptimisation(state: LoopState): LoopState {
  return new Map([...state].map(([name, tensor]) => [name, ownCopy(name, tensor)]));
}

function ownCopy(name: string, tensor: HostTensor): HostTensor {
  if (name.startsWith('trigrids_')) return shared(tensor);
  return isStepped(name) ? hostTensor((tensor.data as Float32Array).slice(), tensor.shape) : tensor;
}

/** What a step changes: the count of steps, levels, moments and averages. */
const isStepped = (name: string): boolean => /^(step$|([a-z]+\.)?trigrids_)/.test(name);

/**
 * One step of Adan on all levels, in place, with the mean of the lanes' gradients with respect to the collapsed planes.
 * @param planes in shared memory; the collapsed planes after the step are written there
 */
export async function stepOptimisation(
  models: Models,
  state: LoopState,
  planesGradients: readonly HostTensor[],
  { rate, levelRatios, emaDecay }: TrigridRates,
  planes: HostTensor,
  workspace: Workspace,
): Promise<void> {
  const side = finestSide(currentTrigrid(state).levels);
  const lanes = planesGradients.length;
  const session = await models.session(`level gradients ${side} ${lanes}`, () =>
    levelGradientsGraph(withFinestSide(models.generator, side), lanes),
  );
  const names = levelNames(state);
  const gradients = names.map((name) => [name, workspace.tensor(name, state.get(name)!.shape)] as const);
  const found = await session.run(
    Object.fromEntries(planesGradients.map((gradient, lane) => [`gradient.${lane}`, gradient])),
    undefined,
    Object.fromEntries(gradients),
  );
  const arrays = (prefix: string) =>
    Object.fromEntries(names.map((name) => [name, state.get(prefix + name)!.data as Float32Array]));
  const [m, v, s, n] = MOMENTS.map((moment) => arrays(`${moment}.`));
  const lr = names.map((name, i) => {
    const ratio = levelRatios[Math.min(i, levelRatios.length - 1)];
    return [name, rate * ratio * (state.get('scales')!.data[i] as number)] as const;
  });
  const count = state.get('step')!.data as Float32Array;
  adanStep(
    { params: arrays(''), m, v, s, n, average: arrays(`${AVERAGE}.`) },
    Object.fromEntries(names.map((name) => [name, found[name].data as Float32Array])),
    {
      lr: Object.fromEntries(lr),
      step: count[0],
      averageDecay: emaDecay,
      gradNorm: found['norm'].data[0] as number,
    },
  );
  count[0]++;
  await collapse(models, currentTrigrid(state), planes);
}

/** What the mean of the lanes' gradients with respect to the collapsed planes is with respect to each level, and its `norm` over all levels. */
function levelGradientsGraph(config: GeneratorConfig, lanes: number): Record<string, Value> {
  const levels = levelInputs(config);
  const collapsed = collapsePyramid(Object.values(levels));
  const given = Array.from({ length: lanes }, (_, lane) => input(`gradient.${lane}`, collapsed.shape));
  const mean = mul(given.reduce(add), 1 / lanes);
  const found = gradients([collapsed], Object.values(levels), [mean]);
  const norm = sqrt(found.map((gradient) => sum(square(gradient))).reduce(add));
  return { ...Object.fromEntries(Object.keys(levels).map((name, i) => [name, found[i]])), norm };
}
