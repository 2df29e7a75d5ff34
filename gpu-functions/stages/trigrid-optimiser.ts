import { gradients, hostTensor, input, type HostTensor, type Value } from '../graph/index.ts';
import { adan, ema, type AdanState } from '../nn/index.ts';
import { collapsePyramid, type GeneratorConfig } from '../portrait/index.ts';
import type { Models } from './models.ts';
import type { LoopState } from './rounds.ts';
import { finestSide, type Trigrid } from './trigrid-file.ts';
import { levelInputs, withFinestSide } from './views/scene-graphs.ts';
import { shared } from './views/scene.ts';

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

/**
 * One step of Adan on all levels, with the gradient with respect to the collapsed planes.
 * @returns the next state, anything else that it holds as before, and its collapsed planes in shared memory
 */
export async function stepOptimisation(
  models: Models,
  state: LoopState,
  planesGradient: HostTensor,
  { rate, levelRatios, emaDecay }: TrigridRates,
): Promise<{ state: LoopState; planes: HostTensor }> {
  const side = finestSide(currentTrigrid(state).levels);
  const session = await models.session(`trigrid step ${side}`, () =>
    stepGraph(withFinestSide(models.generator, side)),
  );
  const rates = Object.fromEntries(
    levelNames(state).map((name, i) => {
      const ratio = levelRatios[Math.min(i, levelRatios.length - 1)];
      const scale = state.get('scales')!.data[i] as number;
      return [`rate.${name}`, hostTensor(Float32Array.of(rate * ratio * scale), [])];
    }),
  );
  const decay = hostTensor(Float32Array.of(emaDecay), []);
  const own = [...state].filter(([name]) => /^(step$|([a-z]+\.)?trigrids_)/.test(name));
  const { planes, ...next } = await session.run({
    ...Object.fromEntries(own),
    ...rates,
    decay,
    gradient: planesGradient,
  });
  const named = Object.entries(next).map(([name, tensor]) => [name.slice('next.'.length), tensor] as const);
  return { state: new Map([...state, ...named]), planes: shared(planes) };
}

function stepGraph(config: GeneratorConfig): Record<string, Value> {
  const params = levelInputs(config);
  const names = Object.keys(params);
  const family = (prefix: string) =>
    Object.fromEntries(names.map((name) => [name, input(`${prefix}.${name}`, params[name].shape)]));
  const collapsed = collapsePyramid(Object.values(params));
  const found = gradients([collapsed], Object.values(params), [input('gradient', collapsed.shape)]);
  const grads = Object.fromEntries(names.map((name, i) => [name, found[i]]));
  const state: AdanState = {
    m: family('m'),
    v: family('v'),
    s: family('s'),
    n: family('n'),
    step: input('step', []),
  };
  const lr = Object.fromEntries(names.map((name) => [name, input(`rate.${name}`, [])]));
  const stepped = adan(params, grads, state, { lr });
  const average = ema(family(AVERAGE), stepped.params, input('decay', []));
  const outputs: Record<string, Value> = {
    planes: collapsePyramid(Object.values(stepped.params)),
    'next.step': stepped.state.step,
  };
  for (const name of names) {
    outputs[`next.${name}`] = stepped.params[name];
    outputs[`next.${AVERAGE}.${name}`] = average[name];
    for (const moment of MOMENTS) outputs[`next.${moment}.${name}`] = stepped.state[moment][name];
  }
  return outputs;
}

/** Mean of the lanes' gradients, each times its weight, in shared memory. */
export function meanGradient(gradients: readonly HostTensor[], weights?: readonly number[]): HostTensor {
  const [first] = gradients;
  const mean = new Float32Array(new SharedArrayBuffer(first.data.byteLength));
  for (const [lane, { data }] of gradients.entries()) {
    const values = data as Float32Array;
    const share = (weights?.[lane] ?? 1) / gradients.length;
    for (let i = 0; i < mean.length; i++) mean[i] += share * values[i];
  }
  return hostTensor(mean, first.shape);
}
