/** A job that wants a place. */
export interface Ticket {
  id: string;
  account: string;
  /** RFC 9218: 0 comes first, 7 last; among the jobs of one account only. */
  urgency: number;
  /** Milliseconds since 1970. */
  joinedAt: number;
}

/** A job that has a place. */
export interface Place {
  id: string;
  account: string;
  /** When it got the place, or was last found to use it. */
  seenAt: number;
}

/** The whole state of a queue: plain data. */
export interface QueueState {
  waiting: Ticket[];
  places: Place[];
  /** Start tag of the newest place: the queue's virtual time. */
  virtualTime: number;
  /** Finish tag of the last place of each account that waits or works. */
  finishTags: Record<string, number>;
}

export const emptyQueue: QueueState = { waiting: [], places: [], virtualTime: 0, finishTags: {} };

/**
 * A queue with `limit` places that is fair across accounts: start-time fair queueing (Goyal, Vin and Cheng 1996, §2)
 * with equal weights and a place as the unit of work. The next place goes to the waiting account whose start tag
 * max(virtual time, finish tag of its last place) is least; an account that comes back has saved nothing up. Within an
 * account the most urgent job comes first, then the oldest.
 */
export class FairQueue {
  #state: QueueState;
  readonly #limit: number;

  constructor(state: QueueState, limit: number) {
    this.#state = state;
    this.#limit = limit;
  }

  get state(): QueueState {
    return this.#state;
  }

  /** Joins; repeated, nothing more happens. The jobs that got a place thereby: this one, or none. */
  join(ticket: Ticket): string[] {
    const { waiting, places } = this.#state;
    if ([...places, ...waiting].some(({ id }) => id === ticket.id)) return [];
    this.#state = { ...this.#state, waiting: [...waiting, ticket] };
    return this.#fill(ticket.joinedAt);
  }

  /**
   * Jobs that come before a waiting one if nobody joins any more: those of its account, and as many of each other
   * account. Null for a job that does not wait.
   */
  ahead(id: string): number | null {
    const ticket = this.#state.waiting.find((waiting) => waiting.id === id);
    if (!ticket) return null;
    const { account } = ticket;
    const own = this.#state.waiting.filter(
      (other) => other.account === account && comesBefore(other, ticket),
    ).length;
    const others = new Map<string, number>();
    for (const other of this.#state.waiting)
      if (other.account !== account) others.set(other.account, (others.get(other.account) ?? 0) + 1);
    return own + [...others.values()].reduce((sum, count) => sum + Math.min(count, own + 1), 0);
  }

  /** Leaves the queue or its place; repeated, nothing more happens. The jobs that got a place thereby. */
  leave(id: string, at: number): string[] {
    const { waiting, places } = this.#state;
    this.#state = {
      ...this.#state,
      waiting: waiting.filter((ticket) => ticket.id !== id),
      places: places.filter((place) => place.id !== id),
    };
    const granted = this.#fill(at);
    this.#forgetIdle();
    return granted;
  }

  /** Notes that places are used. */
  saw(ids: readonly string[], at: number): void {
    const places = this.#state.places.map((place) =>
      ids.includes(place.id) ? { ...place, seenAt: at } : place,
    );
    this.#state = { ...this.#state, places };
  }

  /** Gives free places away; whoever got one. */
  #fill(at: number): string[] {
    const granted: string[] = [];
    while (this.#state.places.length < this.#limit && this.#state.waiting.length > 0) {
      const { waiting, places, virtualTime, finishTags } = this.#state;
      const startTag = (account: string) => Math.max(virtualTime, finishTags[account] ?? 0);
      const next = waiting.reduce((best, ticket) => {
        const difference = startTag(ticket.account) - startTag(best.account);
        if (difference !== 0) return difference < 0 ? ticket : best;
        if (ticket.account === best.account) return comesBefore(ticket, best) ? ticket : best;
        return ticket.joinedAt < best.joinedAt ? ticket : best;
      });
      const tag = startTag(next.account);
      this.#state = {
        waiting: waiting.filter(({ id }) => id !== next.id),
        places: [...places, { id: next.id, account: next.account, seenAt: at }],
        virtualTime: tag,
        finishTags: { ...finishTags, [next.account]: tag + 1 },
      };
      granted.push(next.id);
    }
    return granted;
  }

  /** An account that neither waits nor works and whose tag has passed counts as new. */
  #forgetIdle(): void {
    const { waiting, places, virtualTime, finishTags } = this.#state;
    const busy = new Set([...waiting, ...places].map(({ account }) => account));
    const kept = Object.entries(finishTags).filter(
      ([account, tag]) => busy.has(account) || tag > virtualTime,
    );
    this.#state = { ...this.#state, finishTags: Object.fromEntries(kept) };
  }
}

/** Whether a job comes before another of the same account. */
function comesBefore(a: Ticket, b: Ticket): boolean {
  return a.urgency !== b.urgency ? a.urgency < b.urgency : a.joinedAt < b.joinedAt;
}
