import type { PortraitEvent } from '../../shared/index.ts';

/** Sent when nothing else is, so that no one in between closes the connection. */
const KEEP_ALIVE_MS = 15_000;

/** Bytes held for a subscriber that does not read: beyond them, events stay where they are stored until it does. */
const HELD_BYTES = 64 * 1024;

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
 * A subscriber's stream. `read(after)` gives the events past a sequence number; it is called at each `wake()` and when a
 * slow subscriber has read what was held for it, so nothing is sent twice or left out. The stream ends after
 * `portrait.finished`.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #read: (after: number) => { seq: number; event: PortraitEvent }[];
  readonly #onClose: () => void;
  readonly #encoder = new TextEncoder();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #keepAlive: ReturnType<typeof setInterval>;
  #sent: number;
  #ended = false;
  #waking = false;

  constructor(
    after: number,
    read: (after: number) => { seq: number; event: PortraitEvent }[],
    onClose: () => void,
  ) {
    this.#sent = after;
    this.#read = read;
    this.#onClose = onClose;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.wake(),
        cancel: () => this.#close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HELD_BYTES }),
    );
    this.#keepAlive = setInterval(() => {
      if (this.#hasRoom) this.#send(': keep-alive\n\n');
    }, KEEP_ALIVE_MS);
  }

  /** Whether everything there is was sent. */
  get isUpToDate(): boolean {
    return this.#read(this.#sent).length === 0;
  }

  /** Sends what is new, as far as there is room; ends the stream where the portrait is finished. */
  wake(): void {
    // Some platforms pull from within an enqueue.
    if (this.#waking) return;
    this.#waking = true;
    try {
      this.#sendNew();
    } finally {
      this.#waking = false;
    }
  }

  #sendNew(): void {
    if (this.#ended || !this.#hasRoom) return;
    for (const { seq, event } of this.#read(this.#sent)) {
      this.#sent = seq;
      this.#send(formatEvent(event));
      if (event.type === 'portrait.finished') return this.end();
      if (!this.#hasRoom) return;
    }
  }

  /** Ends the stream. */
  end(): void {
    if (this.#ended) return;
    this.#close();
    this.#controller.close();
  }

  get #hasRoom(): boolean {
    return (this.#controller.desiredSize ?? 0) > 0;
  }

  #send(text: string): void {
    this.#controller.enqueue(this.#encoder.encode(text));
  }

  #close(): void {
    this.#ended = true;
    clearInterval(this.#keepAlive);
    this.#onClose();
  }
}
