import { compile, type Model } from './compile.ts';
import { readPorts } from './import/ports.ts';
import type { Port } from './model-writer.ts';
import { Runtime, type ModelSource, type RuntimeOptions } from './runtime.ts';
import { SessionHost, type Backend } from './session-host.ts';
import { GraphError, type HostTensor, type Shape } from './tensor.ts';
import type { Value } from './value.ts';

export interface SessionOptions extends Partial<RuntimeOptions> {
  /** Run in this thread, blocking it: for scripts and tests. Sessions of servers live in a worker. */
  readonly inline?: boolean;
  /** The thread to run in, with other sessions; one of its own where none is given. */
  readonly host?: SessionHost;
  /** The most bytes that weights and a run's tensors may take together; a compiled model that would take more is not opened. */
  readonly memoryBudget?: number;
}

/** An opened model. */
export interface Session {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** What a run holds at its peak, weights included; not known of a model file. */
  readonly predictedPeakBytes?: number;
  /**
   * Compute outputs (all by default). Runs of one session follow each other. Feeds on a SharedArrayBuffer reach a worker uncopied.
   * @param into tensors on SharedArrayBuffers that outputs are written to; they are the results then. Large outputs that other sessions
   * are fed with need no copy so. None of them may be fed in the same run.
   * @throws GraphError for a missing, unknown or ill-shaped feed, and when the session is closed
   */
  run(
    feeds: Readonly<Record<string, HostTensor>>,
    fetches?: readonly string[],
    into?: Readonly<Record<string, HostTensor>>,
  ): Promise<Record<string, HostTensor>>;
  close(): Promise<void>;
}

/**
 * Open a session on a compiled model, or on a model file.
 * A model that scatters gets one thread on the CPU, whatever is asked for: ONNX Runtime's kernel loses updates with more.
 */
export async function openSession(
  model: Model | { path: string },
  options: SessionOptions = {},
): Promise<Session> {
  const { provider = 'cpu', optimisation = 'basic', inline = false, arena = true, host } = options;
  if (options.memoryBudget !== undefined) requireWithin(model, options.memoryBudget);
  const ports = 'path' in model ? await readPorts(model.path) : model;
  const single = ports.scatters && provider === 'cpu';
  const runtime: RuntimeOptions = {
    provider,
    optimisation,
    arena,
    threads: single ? 1 : (options.threads ?? 1),
  };
  const source: ModelSource = 'path' in model ? model.path : model.bytes;
  const backend = inline
    ? await Runtime.open(source, runtime)
    : await (host ? host.open(source, runtime) : openAlone(source, runtime));
  const predicted = 'path' in model ? undefined : model.memory.peak;
  return new OpenSession(ports.inputs, ports.outputs, backend, predicted);
}

/** A session in a thread that ends with it. */
async function openAlone(source: ModelSource, options: RuntimeOptions): Promise<Backend> {
  const host = new SessionHost();
  try {
    const backend = await host.open(source, options);
    return { ...backend, close: () => backend.close().finally(() => host.end()) };
  } catch (error) {
    await host.end();
    throw error;
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

function requireWithin(model: Model | { path: string }, budget: number): void {
  if ('path' in model) {
    throw new GraphError(
      `what a run of the model file ${model.path} takes is not known, so it has no memory budget; import and compile it to have one`,
    );
  }
  const { weights, peak } = model.memory;
  if (peak <= budget) return;
  throw new GraphError(
    `the graph '${model.graph.name}' takes ${megabytes(peak)} at its peak (${megabytes(weights)} of weights), over the budget of ` +
      `${megabytes(budget)}; compute fewer rays or pictures at once, or raise memoryBudget`,
  );
}

class OpenSession implements Session {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly predictedPeakBytes: number | undefined;
  private readonly backend: Backend;
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(inputs: readonly Port[], outputs: readonly Port[], backend: Backend, predicted?: number) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.backend = backend;
    this.predictedPeakBytes = predicted;
  }

  async run(
    feeds: Readonly<Record<string, HostTensor>>,
    fetches: readonly string[] = this.outputs.map((o) => o.name),
    into: Readonly<Record<string, HostTensor>> = {},
  ): Promise<Record<string, HostTensor>> {
    this.requireOpen();
    this.check(feeds, fetches);
    this.checkPlaces(into);
    const turn = this.last.then(() => {
      this.requireOpen();
      return this.backend.run(feeds, fetches, into);
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.backend.close();
  }

  private requireOpen(): void {
    if (this.closed) throw new GraphError('the session is closed; open another to run the model again');
  }

  private check(feeds: Readonly<Record<string, HostTensor>>, fetches: readonly string[]): void {
    for (const { name, shape, dtype } of this.inputs) {
      const feed = feeds[name];
      if (!feed) throw new GraphError(`no feed for the input '${name}' (${dtype} [${shape.join(', ')}])`);
      if (feed.dtype !== dtype || !fits(feed.shape, shape)) {
        throw new GraphError(
          `the input '${name}' is ${dtype} [${shape.join(', ')}], but was fed ${feed.dtype} [${feed.shape.join(', ')}]`,
        );
      }
    }
    const known = new Set(this.inputs.map((p) => p.name));
    const stranger = Object.keys(feeds).find((name) => !known.has(name));
    if (stranger !== undefined) {
      throw new GraphError(`the model has no input '${stranger}'; it has ${[...known].join(', ') || 'none'}`);
    }
    const absent = fetches.find((name) => !this.outputs.some((o) => o.name === name));
    if (absent !== undefined) {
      throw new GraphError(
        `the model has no output '${absent}'; it has ${this.outputs.map((o) => o.name).join(', ')}`,
      );
    }
  }

  private checkPlaces(into: Readonly<Record<string, HostTensor>>): void {
    for (const [name, { dtype, shape, data }] of Object.entries(into)) {
      const output = this.outputs.find((o) => o.name === name);
      if (!output) throw new GraphError(`the model has no output '${name}' to be written anywhere`);
      if (dtype !== output.dtype || !fits(shape, output.shape)) {
        throw new GraphError(
          `the output '${name}' is ${output.dtype} [${output.shape.join(', ')}], and cannot be written to ${dtype} [${shape.join(', ')}]`,
        );
      }
      if (!(data.buffer instanceof SharedArrayBuffer)) {
        throw new GraphError(
          `the output '${name}' can only be written to a tensor on a SharedArrayBuffer; or leave it out of 'into'`,
        );
      }
    }
  }
}

/** Whether a shape is the one declared; dimensions that a model file leaves open are −1. */
function fits(shape: Shape, declared: Shape): boolean {
  return shape.length === declared.length && declared.every((d, i) => d === -1 || d === shape[i]);
}

/** Compile and run once, in this thread. */
export async function evaluate(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, HostTensor>> = {},
): Promise<Record<string, HostTensor>> {
  const session = await openSession(compile(outputs), { inline: true });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}
