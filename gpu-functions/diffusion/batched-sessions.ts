import { openSession } from '../graph/index.ts';
import type { HostTensor, Model, Session } from '../graph/index.ts';
import { joined, openingsOf, shareOut, type Feeds, type LaneOptions } from './batch-lanes.ts';

/** Sessions of one network, for each batch size as many as share it, since graphs have static shapes; opened on first use. */
export class BatchedSessions {
  private readonly build: (batch: number) => Model;
  private readonly options: LaneOptions;
  private readonly open = new Map<number, Promise<Session[]>>();

  /** @param build a model whose output is called `output`, and whose inputs and output have the batch as their first dimension */
  constructor(build: (batch: number) => Model, options: LaneOptions) {
    this.build = build;
    this.options = options;
  }

  async run(batch: number, feeds: Feeds): Promise<HostTensor> {
    const sessions = await this.sessionsOf(batch);
    const shares = shareOut(feeds, sessions.length);
    const results = await Promise.all(sessions.map((session, i) => session.run(shares[i])));
    return joined(results.map(({ output }) => output));
  }

  async close(): Promise<void> {
    const open = [...this.open.values()];
    this.open.clear();
    await Promise.all(
      open.map(async (sessions) => Promise.all((await sessions).map((session) => session.close()))),
    );
  }

  private sessionsOf(batch: number): Promise<Session[]> {
    const sessions = this.open.get(batch) ?? this.opened(batch);
    this.open.set(batch, sessions);
    return sessions;
  }

  private async opened(batch: number): Promise<Session[]> {
    const openings = openingsOf(batch, this.options);
    const model = this.build(batch / openings.length);
    return Promise.all(openings.map((opening) => openSession(model, opening)));
  }
}
