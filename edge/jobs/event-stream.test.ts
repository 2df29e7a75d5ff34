import { describe, expect, it } from 'vitest';
import type { PortraitEvent } from '../../shared/index.ts';
import { EventStream } from './event-stream.ts';

const BIG = 'x'.repeat(20_000);

/** Events of 20 kB each; the last one is the end. */
function stored(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    event: {
      id: `evt_${index + 1}`,
      type: index + 1 === count ? 'portrait.finished' : 'portrait.progress',
      data: BIG,
    } as unknown as PortraitEvent,
  }));
}

describe('the stream of a subscriber', () => {
  it('holds no more than it must for one that does not read, and leaves nothing out once it does', async () => {
    const events = stored(50);
    let read = 0;
    let closed = false;
    const stream = new EventStream(
      0,
      (after) => {
        const rest = events.filter(({ seq }) => seq > after);
        return rest.map((row) => ({
          seq: row.seq,
          get event() {
            read++;
            return row.event;
          },
        }));
      },
      () => {
        closed = true;
      },
    );
    for (let i = 0; i < 20; i++) stream.wake();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(read * BIG.length).toBeLessThan(150_000);
    expect([closed, stream.isUpToDate]).toEqual([false, false]);

    const text = await new Response(stream.body).text();
    expect(text.match(/^id: .*$/gm)).toEqual(events.map(({ event }) => `id: ${event.id}`));
    expect([closed, stream.isUpToDate]).toEqual([true, true]);
  });

  it('is closed when its subscriber leaves, and then takes nothing more', async () => {
    let closed = 0;
    const events = stored(2).slice(0, 1);
    const stream = new EventStream(
      0,
      (after) => events.filter(({ seq }) => seq > after),
      () => {
        closed++;
      },
    );
    await stream.body.cancel();
    events.push(...stored(3).slice(2));
    stream.wake();
    stream.end();
    expect(closed).toBe(1);
  });
});
