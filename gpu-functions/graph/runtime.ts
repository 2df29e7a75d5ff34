import * as ort from 'onnxruntime-node';
import type { DType, HostTensor, Shape, TypedArray } from './tensor.ts';

/** Where and how a session runs. */
export interface RuntimeOptions {
  readonly provider: 'cpu' | 'cuda';
  readonly threads: number;
  readonly optimisation: 'disabled' | 'basic' | 'extended' | 'all';
  /** Keep freed memory for the next run: a little faster, but a process with many sessions holds twice as much. */
  readonly arena: boolean;
}

/** The model's bytes, or the path of its file (needed where it has external data). */
export type ModelSource = Uint8Array | string;

/**
 * Passes of ONNX Runtime's that compiled graphs need not: `compile` merges equal nodes and shares constants itself, and transpositions
 * are where they are for their speed.
 */
const SUPERFLUOUS = [
  'CommonSubexpressionElimination',
  'ConstantSharing',
  'TransposeOptimizer',
  'PropagateCastOps',
  'GatherSliceToSplitFusion',
  'GatherToSliceFusion',
  'DoubleQDQPairsRemover',
  'EnsureUniqueDQForNodeUnit',
  'WhereDummyDq',
];

/** An ONNX Runtime session on host tensors, in this thread: `run` blocks until it is done. */
export class Runtime {
  private readonly session: ort.InferenceSession;

  constructor(session: ort.InferenceSession) {
    this.session = session;
  }

  static async open(source: ModelSource, options: RuntimeOptions): Promise<Runtime> {
    // Operators that the GPU lacks would run on the CPU with a copy there and back at each; threads that spin while they wait for
    // others keep those from working wherever somebody else wants the cores too.
    const session =
      options.provider === 'cuda' ? { disable_cpu_ep_fallback: '1' } : { intra_op: { allow_spinning: '0' } };
    const optimization =
      typeof source === 'string' ? {} : { disable_specified_optimizers: SUPERFLUOUS.join(';') };
    const config: ort.InferenceSession.SessionOptions = {
      executionProviders: [options.provider],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      enableCpuMemArena: options.arena,
      // One planned block for all tensors of a run is no faster than an arena, and much larger than what lives at once.
      enableMemPattern: false,
      graphOptimizationLevel: options.optimisation,
      logSeverityLevel: 3,
      extra: { session, optimization },
    };
    const opened =
      typeof source === 'string'
        ? await ort.InferenceSession.create(source, config)
        : await ort.InferenceSession.create(source, config);
    return new Runtime(opened);
  }

  async run(
    feeds: Readonly<Record<string, HostTensor>>,
    fetches: readonly string[],
    into: Readonly<Record<string, HostTensor>> = {},
  ): Promise<Record<string, HostTensor>> {
    const given: Record<string, ort.Tensor> = {};
    for (const [name, tensor] of Object.entries(feeds)) given[name] = ortTensor(tensor);
    const place = (name: string): HostTensor | undefined =>
      Object.hasOwn(into, name) ? into[name] : undefined;
    const places = fetches.map((name) => [name, place(name)] as const);
    const wanted = places.map(([name, to]) => [name, to ? ortTensor(to) : null] as const);
    const results = await this.session.run(given, Object.fromEntries(wanted));
    return Object.fromEntries(places.map(([name, to]) => [name, to ?? hostOf(results[name])]));
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

function ortTensor({ dtype, shape, data }: HostTensor): ort.Tensor {
  const tensor = new ort.Tensor(dtype, data as Uint8Array, shape as number[]);
  // The constructor turns half floats into a Float16Array, which the native binding reads as empty.
  if (dtype === 'float16') Object.defineProperty(tensor, 'data', { value: data });
  return tensor;
}

function hostOf(tensor: ort.Tensor): HostTensor {
  const { data, dims, type } = tensor;
  const view = data as unknown as TypedArray;
  // Where the engine has Float16Array, half floats come as one; ours are bits.
  const bits =
    type === 'float16' && !(view instanceof Uint16Array)
      ? new Uint16Array(
          (view as Uint8Array).buffer,
          (view as Uint8Array).byteOffset,
          (view as Uint8Array).length,
        )
      : view;
  return { dtype: type as DType, shape: [...dims] as Shape, data: bits };
}
