import { describe, expect, it } from 'vitest';
import { emptyQueue, FairQueue, type Ticket } from './fair-queue.ts';

let clock = 0;
const ticket = (id: string, account: string, urgency = 3): Ticket => ({
  id,
  account,
  urgency,
  joinedAt: clock++,
});

/** Serves everybody, and tells in which order. */
function serveAll(queue: FairQueue): string[] {
  const order: string[] = [];
  while (queue.state.places.length > 0) {
    const { id } = queue.state.places[0]!;
    order.push(id);
    queue.leave(id, clock++);
  }
  return order;
}

describe('a fair queue', () => {
  it('gives places as long as there are any', () => {
    const queue = new FairQueue(emptyQueue, 2);
    expect(queue.join(ticket('a', 'A'))).toEqual(['a']);
    expect(queue.join(ticket('b', 'A'))).toEqual(['b']);
    expect(queue.join(ticket('c', 'A'))).toEqual([]);
    expect(queue.ahead('c')).toBe(0);
    expect(queue.leave('a', 9)).toEqual(['c']);
    expect(queue.ahead('c')).toBe(null);
  });

  it('lets accounts take turns, whoever came first with however many', () => {
    const queue = new FairQueue(emptyQueue, 1);
    for (let i = 0; i < 1000; i++) queue.join(ticket(`A${i}`, 'A'));
    queue.join(ticket('B0', 'B'));
    queue.join(ticket('C0', 'C'));
    queue.join(ticket('B1', 'B'));
    expect(queue.ahead('B0')).toBe(2);
    expect(serveAll(queue).slice(0, 7)).toEqual(['A0', 'B0', 'C0', 'A1', 'B1', 'A2', 'A3']);
  });

  it('saves nothing up for an account that stays away', () => {
    const queue = new FairQueue(emptyQueue, 1);
    for (let i = 0; i < 20; i++) {
      queue.join(ticket(`A${i}`, 'A'));
      queue.leave(`A${i}`, clock++);
    }
    queue.join(ticket('A', 'A'));
    for (let i = 0; i < 3; i++) queue.join(ticket(`B${i}`, 'B'));
    for (let i = 0; i < 3; i++) queue.join(ticket(`a${i}`, 'A'));
    const order = serveAll(queue).map((id) => id[0]!.toUpperCase());
    expect(order).toHaveLength(7);
    for (let served = 1; served <= order.length; served++) {
      const forA = order.slice(0, served).filter((account) => account === 'A').length;
      expect(Math.abs(forA - (served - forA))).toBeLessThanOrEqual(1);
    }
  });

  it('takes the more urgent, then the older, of one account', () => {
    const queue = new FairQueue(emptyQueue, 1);
    queue.join(ticket('first', 'A'));
    queue.join(ticket('later', 'A', 7));
    queue.join(ticket('usual', 'A'));
    queue.join(ticket('usual too', 'A'));
    queue.join(ticket('urgent', 'A', 0));
    expect(serveAll(queue)).toEqual(['first', 'urgent', 'usual', 'usual too', 'later']);
  });

  it('is joined and left once, however often it is', () => {
    const queue = new FairQueue(emptyQueue, 1);
    const a = ticket('a', 'A');
    queue.join(a);
    const b = ticket('b', 'B');
    queue.join(b);
    queue.join(b);
    expect(queue.join(a)).toEqual([]);
    expect(queue.state.waiting).toHaveLength(1);
    expect(queue.leave('a', 1)).toEqual(['b']);
    expect(queue.leave('a', 2)).toEqual([]);
    expect(queue.state.places.map(({ id }) => id)).toEqual(['b']);
  });

  it('goes on the same from what was stored', () => {
    const queue = new FairQueue(emptyQueue, 1);
    for (const id of ['A0', 'A1', 'B0', 'A2', 'B1']) queue.join(ticket(id, id[0]!));
    const stored = JSON.parse(JSON.stringify(queue.state)) as typeof queue.state;
    expect(serveAll(new FairQueue(stored, 1))).toEqual(serveAll(queue));
  });
});
