import type { PortraitEvent } from '../../shared/index.ts';

/** Sent when nothing else is, so that no one in between closes the connection. */
const KEEP_ALIVE_MS = 15_000;

/** One event in the text form of server-sent events. */
export function formatEvent(event: PortraitEvent): string {
  return `event: ${event.type}\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The sequence number in a Last-Event-ID of this portrait; null where the id is of another kind. */
export function sequenceOf(eventId: string, portrait: string): number | null {
  const parts = /^evt_([0-9a-z]{24})_(\d{1,15})$/.exec(eventId);
  return parts && `prt_${parts[1]}` === portrait ? Number(parts[2]) : null;
}

/**
 * A subscriber's stream. `read(after)` gives the events past a sequence number; it is called at the start and at each
 * `wake()`, so nothing is sent twice or left out. The stream ends after `portrait.finished`.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #read: (after: number) => { seq: number; event: PortraitEvent }[];
  readonly #onClose: () => void;
  readonly #encoder = new TextEncoder();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #keepAlive: ReturnType<typeof setInterval>;
  #sent: number;

  constructor(
    after: number,
    read: (after: number) => { seq: number; event: PortraitEvent }[],
    onClose: () => void,
  ) {
    this.#sent = after;
    this.#read = read;
    this.#onClose = onClose;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#close(),
    });
    this.#keepAlive = setInterval(() => this.#send(': keep-alive\n\n'), KEEP_ALIVE_MS);
  }

  /** Sends what is new; ends the stream where the portrait is finished. */
  wake(): void {
    let finished = false;
    for (const { seq, event } of this.#read(this.#sent)) {
      this.#send(formatEvent(event));
      this.#sent = seq;
      finished ||= event.type === 'portrait.finished';
    }
    if (finished) this.end();
  }

  /** Ends the stream. */
  end(): void {
    this.#close();
    this.#controller.close();
  }

  #send(text: string): void {
    this.#controller.enqueue(this.#encoder.encode(text));
  }

  #close(): void {
    clearInterval(this.#keepAlive);
    this.#onClose();
  }
}
