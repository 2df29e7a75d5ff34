import { otlpRequest, type Collector, type Span } from '../../shared/index.ts';
import type { Log } from './log.ts';

/** Spans of one export: collectors take bodies of a few MiB. */
const BATCH = 512;
const TIMEOUT_MS = 5_000;

/** Sends spans to an OTLP/HTTP collector. Nothing waits for it, and what it does not take is logged and lost. */
export class SpanExporter {
  readonly #collector: Collector;
  readonly #log: Log;
  readonly #sending = new Set<Promise<void>>();

  constructor(collector: Collector, log: Log) {
    this.#collector = collector;
    this.#log = log;
  }

  send(spans: readonly Span[]): void {
    for (let from = 0; from < spans.length; from += BATCH) {
      const sending = this.#post(spans.slice(from, from + BATCH));
      this.#sending.add(sending);
      void sending.then(() => this.#sending.delete(sending));
    }
  }

  /** Resolves when everything is sent, or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#sending);
  }

  /** Never rejects. */
  async #post(spans: readonly Span[]): Promise<void> {
    try {
      const { url, ...request } = otlpRequest(this.#collector, 'portrait3d-stages', spans);
      const response = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the trace collector answered HTTP ${response.status}`);
    } catch (error) {
      this.#log('warn', 'spans_not_exported', { spans: spans.length, message: (error as Error).message });
    }
  }
}

/** The collector that the environment names (OTLP_ENDPOINT, OTLP_TOKEN). @throws Error where it is no address. */
export function collectorOf(environment: NodeJS.ProcessEnv): Collector | undefined {
  const { OTLP_ENDPOINT: endpoint, OTLP_TOKEN: token } = environment;
  if (!endpoint) return undefined;
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw new Error(`OTLP_ENDPOINT is "${endpoint}": set it to the http(s) address of an OTLP collector.`);
  return { endpoint, token };
}
