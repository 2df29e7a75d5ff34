import { compile, heldValues, openSession, sharedTensor } from '../graph/index.ts';
import type { CompileOptions, HostTensor, Session, SessionOptions, Value } from '../graph/index.ts';
import { joined, openingsOf, shareOf, shareOut, type Feeds, type LaneOptions } from './batch-lanes.ts';

/** What is computed of a context, and what is computed with that. */
interface Parts {
  readonly before: Session;
  readonly after: Session;
}

/**
 * Sessions of a network that is run many times on one context: keys, values and whatever else follows from that alone are computed once,
 * and kept for as long as the context's tensor is, which must not change. For each batch size as many pairs of sessions as share it, opened on first use.
 */
export class ContextSessions {
  private readonly build: (batch: number) => Value;
  private readonly compiling: CompileOptions;
  private readonly opening: LaneOptions;
  private readonly open = new Map<number, Promise<Parts[]>>();
  /** Of each context what follows from its shares. */
  private readonly known = new WeakMap<HostTensor, Promise<Feeds[]>>();

  /** @param build the network's output, of which one input is called `context` */
  constructor(build: (batch: number) => Value, compiling: CompileOptions, opening: LaneOptions) {
    this.build = build;
    this.compiling = compiling;
    this.opening = opening;
  }

  /** Opens the sessions of a batch size, so that the first run finds them open. */
  async prepare(batch: number): Promise<void> {
    await this.partsOf(batch);
  }

  /** The output for feeds besides the context [N, T, E]. */
  async run(feeds: Feeds, context: HostTensor): Promise<HostTensor> {
    const parts = await this.partsOf(context.shape[0]);
    const known = this.known.get(context) ?? followingFrom(context, parts);
    this.known.set(context, known);
    known.catch(() => this.known.delete(context));
    const following = await known;
    const shares = shareOut(feeds, parts.length);
    const results = await Promise.all(
      parts.map(({ after }, i) => after.run({ ...shares[i], ...following[i] })),
    );
    return joined(results.map(({ output }) => output));
  }

  async close(): Promise<void> {
    const open = [...this.open.values()];
    this.open.clear();
    const parts = (await Promise.all(open)).flat();
    await Promise.all(parts.flatMap(({ before, after }) => [before.close(), after.close()]));
  }

  private partsOf(batch: number): Promise<Parts[]> {
    const parts = this.open.get(batch) ?? this.opened(batch);
    this.open.set(batch, parts);
    return parts;
  }

  private async opened(batch: number): Promise<Parts[]> {
    const { compiling, opening } = this;
    const openings = openingsOf(batch, opening);
    const output = this.build(batch / openings.length);
    const given = heldValues([output], ['context']);
    const name = `${compiling.name}-context`;
    const before = compile(given, { ...compiling, name });
    const after = compile({ output }, { ...compiling, given });
    return Promise.all(
      openings.map(async (own) => {
        const sessions = [openSession(before, own), openSession(after, { ...optimised(own), ...own })];
        const [first, second] = await Promise.all(sessions);
        return { before: first, after: second };
      }),
    );
  }
}

/**
 * What runs many times is worth the tenth of a second more in which the CPU's convolutions get a layout of their own and activations become
 * one operator.
 */
const optimised = ({ provider }: SessionOptions): SessionOptions =>
  provider === 'cuda' ? {} : { optimisation: 'all' };

/** What sessions compute of the shares of a context, in shared memory: it is fed to every run. */
function followingFrom(context: HostTensor, parts: readonly Parts[]): Promise<Feeds[]> {
  return Promise.all(
    parts.map(({ before }, i) => {
      const places = before.outputs.map(({ name, shape }) => [name, sharedTensor(shape)] as const);
      const share = shareOf(context, i, parts.length);
      return before.run({ context: share }, undefined, Object.fromEntries(places));
    }),
  );
}
