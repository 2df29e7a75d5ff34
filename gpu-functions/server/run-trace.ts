import { randomBytes } from 'node:crypto';
import { parseTraceparent, type Span, type Stage, type TraceContext } from '../../shared/index.ts';
import { RunFailure } from './run-error.ts';
import type { StageProgress } from './stage-messages.ts';

/** Steps shorter than this share a span with those after them: a trace of thousands of steps shows nobody anything. */
const SHORTEST_STEP_MS = 200;

/** A part of a run; `parent` counts from the run itself, which is part 0. */
interface Part {
  name: string;
  parent: number;
  startedAt: number;
  finishedAt: number;
  attributes: Span['attributes'];
  error: string | null;
}

/** How far the stage at work is. */
interface Steps {
  /** Its part of the run. */
  within: number;
  /** When the span began that is open. */
  since: number;
  /** How that span is called, unless it turns out to be a step. */
  next: string;
  /** Steps done before it; null before the first report. */
  step: number | null;
  /** Of the last report. */
  message: string;
}

/** Milliseconds since 1970, finer than Date.now() and never going back. */
const clock = () => performance.timeOrigin + performance.now();

/**
 * What one attempt at a run did and when, as spans below the span of each owner that told of its own (`traceparent`): the
 * run, its parts, and the steps within the stage.
 */
export class RunTrace {
  readonly #parts: Part[];
  readonly #callers = new Map<string, TraceContext>();
  readonly #now: () => number;
  #steps: Steps | undefined;

  constructor(key: string, stage: Stage, now = clock) {
    this.#now = now;
    const at = now();
    const attributes = { 'run.key': key, 'stage.name': stage };
    this.#parts = [
      { name: `run ${stage}`, parent: -1, startedAt: at, finishedAt: at, attributes, error: null },
    ];
  }

  /** An owner waits for the run. */
  join(traceparent: string | undefined): void {
    const caller = parseTraceparent(traceparent);
    if (caller) this.#callers.set(traceparent!, caller);
  }

  /** A part of the run, from here to the end of `work`. */
  async part<T>(name: string, work: () => Promise<T>): Promise<T> {
    const part = this.#open(name);
    try {
      return await work();
    } catch (error) {
      // Not its message, which may hold an address.
      part.error = error instanceof RunFailure ? error.code : (error as Error).name;
      throw error;
    } finally {
      part.finishedAt = this.#now();
    }
  }

  /** The stage itself, with a span for each step that it reports while it works. */
  async stage<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    return this.part(stage, async () => {
      const within = this.#parts.length - 1;
      this.#steps = { within, since: this.#now(), next: 'start', step: null, message: '' };
      try {
        return await work();
      } finally {
        this.#closeStep(this.#steps.next, {});
        this.#steps = undefined;
      }
    });
  }

  /** The stage is this far: what it did since the last time becomes a span. */
  progress({ step, steps, message }: StageProgress): void {
    const before = this.#steps;
    if (!before) return;
    const since = this.#now();
    this.#steps = { ...before, message };
    // A step is reported when it is done, everything else when it begins. The first report says where
    // the stage goes on, and fewer steps than before are those of another loop.
    const done = before.step !== null && step < before.step ? 0 : before.step;
    if (done !== null && step > done) {
      if (since - before.since < SHORTEST_STEP_MS && step < steps && step > before.step!) return;
      const first = done + 1;
      const name = first === step ? `step ${step}` : `steps ${first} to ${step}`;
      this.#closeStep(name, { 'step.first': first, 'step.last': step, steps });
      this.#steps = { ...before, since, next: `after step ${step}`, step, message };
    } else if (message !== before.message) {
      this.#closeStep(before.next, {});
      this.#steps = { ...before, since, next: message, step, message };
    }
  }

  /** The run is over, or this attempt is. @returns the spans, once for each owner's trace */
  end(error: string | null): Span[] {
    this.#parts[0]!.finishedAt = this.#now();
    this.#parts[0]!.error = error;
    return [...this.#callers.values()].flatMap(({ traceId, parentSpanId }) => {
      const ids = this.#parts.map(() => randomBytes(8).toString('hex'));
      return this.#parts.map(({ parent, ...part }, i): Span => ({
        ...part,
        traceId,
        spanId: ids[i]!,
        parentSpanId: ids[parent] ?? parentSpanId,
      }));
    });
  }

  #open(name: string): Part {
    const at = this.#now();
    const part: Part = { name, parent: 0, startedAt: at, finishedAt: at, attributes: {}, error: null };
    this.#parts.push(part);
    return part;
  }

  #closeStep(name: string, attributes: Span['attributes']): void {
    const { within, since } = this.#steps!;
    const finishedAt = this.#now();
    if (finishedAt === since) return;
    this.#parts.push({ name, parent: within, startedAt: since, finishedAt, attributes, error: null });
  }
}
