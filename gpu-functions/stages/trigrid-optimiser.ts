import { gradients, hostTensor, input, type HostTensor, type Value } from '../graph/index.ts';
import { adanStep } from '../nn/index.ts';
import { collapsePyramid, type GeneratorConfig } from '../portrait/index.ts';
import type { Models } from './models.ts';
import type { LoopState } from './rounds.ts';
import { finestSide, type Trigrid } from './trigrid-file.ts';
import { levelInputs, withFinestSide } from './views/scene-graphs.ts';
import { collapse, shared } from './views/scene.ts';

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
 * One step of Adan on all levels, in place, with the gradient with respect to the collapsed planes.
 * @param planes in shared memory; the collapsed planes after the step are written there
 */
export async function stepOptimisation(
  models: Models,
  state: LoopState,
  planesGradient: HostTensor,
  { rate, levelRatios, emaDecay }: TrigridRates,
  planes: HostTensor,
): Promise<void> {
  const side = finestSide(currentTrigrid(state).levels);
  const session = await models.session(`level gradients ${side}`, () =>
    levelGradientsGraph(withFinestSide(models.generator, side)),
  );
  const found = await session.run({ gradient: planesGradient });
  const names = levelNames(state);
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
    { lr: Object.fromEntries(lr), step: count[0], averageDecay: emaDecay },
  );
  count[0]++;
  await collapse(models, currentTrigrid(state), planes);
}

/** What a gradient with respect to the collapsed planes is with respect to each level. */
function levelGradientsGraph(config: GeneratorConfig): Record<string, Value> {
  const levels = levelInputs(config);
  const collapsed = collapsePyramid(Object.values(levels));
  const found = gradients([collapsed], Object.values(levels), [input('gradient', collapsed.shape)]);
  return Object.fromEntries(Object.keys(levels).map((name, i) => [name, found[i]]));
}

/**
 * Mean of the lanes' gradients in shared memory: that of `into` where it is given. Shared memory that is
 * let go of counts for nothing with the garbage collector, so a loop reuses it.
 */
export function meanGradient(gradients: readonly HostTensor[], into?: HostTensor): HostTensor {
  const [first] = gradients;
  const mean = into
    ? (into.data as Float32Array).fill(0)
    : new Float32Array(new SharedArrayBuffer(first.data.byteLength));
  const share = 1 / gradients.length;
  for (const { data } of gradients) {
    const values = data as Float32Array;
    for (let i = 0; i < mean.length; i++) mean[i] += share * values[i];
  }
  return into ?? hostTensor(mean, first.shape);
}
