import type { HostTensor } from '../graph/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../weights/index.ts';
import type { CheckpointStore } from './stage.ts';

/** The whole state of a long loop between two rounds: enough to go on exactly as if it had never stopped. */
export interface Checkpoint {
  /** Which loop of the stage this belongs to. */
  phase: string;
  /** Steps done. Every step draws its noise from a generator forked by its number, so no generator state is kept. */
  step: number;
  tensors: Map<string, HostTensor>;
}

/** A safetensors file with phase and step in its metadata. */
export function encodeCheckpoint({ phase, step, tensors }: Checkpoint): Uint8Array {
  return encodeSafetensors(tensors, { phase, step: String(step) });
}

/** @throws Error on a damaged file. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, 'the checkpoint');
  const step = Number(metadata['step']);
  if (!metadata['phase'] || !Number.isInteger(step)) {
    throw new Error('the checkpoint names no phase and step: delete it to start the stage again');
  }
  return { phase: metadata['phase'], step, tensors };
}

export async function loadCheckpoint(store: CheckpointStore): Promise<Checkpoint | undefined> {
  const bytes = await store.load();
  return bytes && decodeCheckpoint(bytes);
}
