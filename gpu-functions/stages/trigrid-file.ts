import { float32, hostTensor, toFloat16, type HostTensor } from '../graph/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../weights/index.ts';
import type { StageOutput } from './stage.ts';

/** A portrait: the levels of the pyramid tri-grid, from the coarsest, and the W+ latent they came from. */
export interface Trigrid {
  /** By the released name `trigrids_<side>`; each `[1, 3, features·depth, side, side]`. */
  readonly levels: Map<string, HostTensor>;
  /** `[1, rows, wDim]`. */
  readonly ws: HostTensor;
}

const LEVEL = /^trigrids_(\d+)$/;

/** Side of the finest level. */
export function finestSide(levels: Trigrid['levels']): number {
  return Math.max(...[...levels.values()].map(({ shape }) => shape[4]));
}

/**
 * The same field with finer levels of nothing but zeros, up to `side`, in which details can be put. Levels are averaged
 * (Portrait3D §3.1), so the others are scaled to count as before.
 */
export function withFinerLevels({ levels, ws }: Trigrid, side: number): Trigrid {
  const finest = finestSide(levels);
  const added = Math.max(0, Math.log2(side / finest));
  const factor = (levels.size + added) / levels.size;
  const next = new Map<string, HostTensor>();
  for (const [name, { shape, data }] of levels) {
    next.set(
      name,
      hostTensor(
        (data as Float32Array).map((x) => x * factor),
        shape,
      ),
    );
  }
  for (let size = 2 * finest; size <= side; size *= 2) {
    const channels = levels.get(`trigrids_${finest}`)!.shape[2];
    next.set(
      `trigrids_${size}`,
      hostTensor(new Float32Array(3 * channels * size * size), [1, 3, channels, size, size]),
    );
  }
  return { levels: next, ws };
}

/** The tri-grid with a level `[1, 3, C, side, side]`, finer than its own, that counts beside them. */
export function withFinestLevel(trigrid: Trigrid, level: HostTensor): Trigrid {
  const side = level.shape[4];
  const { levels, ws } = withFinerLevels(trigrid, side);
  return { levels: new Map(levels).set(`trigrids_${side}`, level), ws };
}

/** The `trigrid` artifact: a safetensors file with the tensors of the released tri-grid files; its levels as float16, which is finer than they are known. */
export function trigridOutput({ levels, ws }: Trigrid, profile: string): StageOutput {
  const tensors = new Map([...levels].map(([name, level]) => [name, toFloat16(level)]));
  tensors.set('ws', ws);
  return { bytes: encodeSafetensors(tensors, { profile }), contentType: 'application/octet-stream' };
}

/** @throws Error when the bytes are not a tri-grid. */
export function decodeTrigrid(bytes: Uint8Array): Trigrid {
  const { tensors } = decodeSafetensors(bytes, 'the tri-grid');
  const ws = tensors.get('ws');
  const sides = [...tensors.keys()].flatMap((name) => LEVEL.exec(name)?.[1] ?? []).map(Number);
  if (!ws || sides.length === 0)
    throw new Error('the tri-grid has no levels or no ws: make it with the stage invert');
  sides.sort((a, b) => a - b);
  const levels = new Map(
    sides.map((side) => {
      const level = tensors.get(`trigrids_${side}`)!;
      return [`trigrids_${side}`, hostTensor(float32(level), level.shape)];
    }),
  );
  return { levels, ws };
}
