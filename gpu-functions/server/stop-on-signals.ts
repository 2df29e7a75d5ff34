import type { Log } from './log.ts';

/**
 * Ends this process in order when it is asked to: with 0 once the server has closed, with 1 where that takes longer than
 * the grace; what has not stopped by then goes on from its last checkpoint.
 */
export function stopOnSignals(server: { close(): Promise<void> }, graceMs: number, log: Log): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log('info', 'stopping', { signal });
      setTimeout(() => process.exit(1), graceMs).unref();
      void server.close().then(() => process.exit(0));
    });
  }
}
