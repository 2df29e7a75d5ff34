import { compile, heldValues, openSession, sharedTensor } from '../graph/index.ts';
import type { CompileOptions, HostTensor, Session, SessionOptions, Value } from '../graph/index.ts';

/** What is computed of a context, and what is computed with that. */
interface Parts {
  readonly before: Session;
  readonly after: Session;
}

type Feeds = Readonly<Record<string, HostTensor>>;

/**
 * Sessions of a network that is run many times on one context: keys, values and whatever else follows from that alone are computed once,
 * and kept for as long as the context's tensor is, which must not change. One pair of sessions a batch size, opened on first use.
 */
export class ContextSessions {
  private readonly build: (batch: number) => Value;
  private readonly compiling: CompileOptions;
  private readonly opening: SessionOptions;
  private readonly open = new Map<number, Promise<Parts>>();
  private readonly known = new WeakMap<HostTensor, Promise<Feeds>>();

  /** @param build the network's output, of which one input is called `context` */
  constructor(build: (batch: number) => Value, compiling: CompileOptions, opening: SessionOptions) {
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
    const { before, after } = await this.partsOf(context.shape[0]);
    const following = this.known.get(context) ?? followingFrom(context, before);
    this.known.set(context, following);
    following.catch(() => this.known.delete(context));
    return (await after.run({ ...feeds, ...(await following) })).output;
  }

  async close(): Promise<void> {
    const pairs = [...this.open.values()];
    this.open.clear();
    await Promise.all(
      pairs.map(async (pair) => {
        const { before, after } = await pair;
        await Promise.all([before.close(), after.close()]);
      }),
    );
  }

  private partsOf(batch: number): Promise<Parts> {
    const parts = this.open.get(batch) ?? this.opened(batch);
    this.open.set(batch, parts);
    return parts;
  }

  private async opened(batch: number): Promise<Parts> {
    const output = this.build(batch);
    const given = heldValues([output], ['context']);
    const { compiling, opening } = this;
    const name = `${compiling.name}-context`;
    const [before, after] = await Promise.all([
      openSession(compile(given, { ...compiling, name }), opening),
      openSession(compile({ output }, { ...compiling, given }), { ...optimised(opening), ...opening }),
    ]);
    return { before, after };
  }
}

/**
 * What runs many times is worth the tenth of a second more in which the CPU's convolutions get a layout of their own and activations become
 * one operator.
 */
const optimised = ({ provider }: SessionOptions): SessionOptions =>
  provider === 'cuda' ? {} : { optimisation: 'all' };

/** What a session computes of a context, in shared memory: it is fed to every run. */
async function followingFrom(context: HostTensor, before: Session): Promise<Feeds> {
  const places = before.outputs.map(({ name, shape }) => [name, sharedTensor(shape)] as const);
  return before.run({ context }, undefined, Object.fromEntries(places));
}
