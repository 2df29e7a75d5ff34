import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** A listener of a portrait's events. */
export interface Listener {
  /** Resolves with the number of events once the stream ends with `portrait.finished`. @throws Error where it ends without. */
  told: Promise<number>;
  leave(): void;
}

/** Begins to listen; resolves when the stream is open. */
export function listen(base: URL, portrait: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(`/v1/portraits/${portrait}/events`, base), { agent: false });
    sent.on('error', reject);
    sent.on('response', (stream: IncomingMessage) =>
      resolve({
        told: toEnd(stream),
        leave: () => void sent.destroy(),
      }),
    );
    sent.end();
  });
}

async function toEnd(stream: IncomingMessage): Promise<number> {
  let [events, finished, rest] = [0, false, ''];
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      if (!block.startsWith('event: ')) continue;
      events++;
      finished ||= block.startsWith('event: portrait.finished\n');
    }
  }
  if (!finished) throw new Error(`a stream ended after ${events} events, without portrait.finished`);
  return events;
}
