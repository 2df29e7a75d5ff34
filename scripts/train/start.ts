import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { hostTensor, sizeOf } from '../../gpu-functions/graph/index.ts';
import type { HostTensor, Shape } from '../../gpu-functions/graph/index.ts';
import { dequantised } from '../../gpu-functions/nn/index.ts';
import type { WeightMap } from '../../gpu-functions/nn/index.ts';
import { readSafetensors } from '../../gpu-functions/weights/index.ts';
import type { TrainingOptions } from './main.ts';
import { averagedWeights } from './trainer.ts';
import type { TrainingSchedule } from './trainer.ts';

/** A network's own schedule, with what the command line says otherwise. */
export function scheduleOf(
  own: Omit<TrainingSchedule, 'seed' | 'threads'>,
  { steps = own.steps, lr = own.learningRate, seed, threads }: TrainingOptions,
): TrainingSchedule {
  return { ...own, steps, learningRate: lr, seed, threads };
}

/**
 * Weights to start from: the averaged weights of a run's folder, or the networks of a profile's folder.
 *
 * @param networks the networks' names in a profile, and the prefixes of their parameters in the training.
 */
export async function startingWeights(folder: string, networks: Record<string, string>): Promise<WeightMap> {
  const isRun = await access(join(folder, 'checkpoint.safetensors')).then(
    () => true,
    () => false,
  );
  if (isRun) return (await averagedWeights(folder)).weights;
  const start: WeightMap = new Map();
  for (const [name, prefix] of Object.entries(networks)) {
    const { tensors } = await readSafetensors(join(folder, `${name}.safetensors`));
    for (const [key, tensor] of dequantised(tensors)) start.set(prefix + key, tensor);
  }
  return start;
}

/** The weights below a prefix, without it. */
export function below(weights: WeightMap, prefix: string): WeightMap {
  const found = [...weights].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

export const zerosTensor = (shape: Shape): HostTensor => hostTensor(new Float32Array(sizeOf(shape)), shape);
