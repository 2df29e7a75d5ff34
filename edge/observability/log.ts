/** What a log line may hold besides its event: ids, numbers, codes. Prompts and keys are never passed here. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes one structured log line: a JSON object with the time, a level, what happened, and its fields. */
export function log(level: 'info' | 'warn' | 'error', event: string, fields: LogFields = {}): void {
  console[level === 'info' ? 'log' : level](
    JSON.stringify({ at: new Date().toISOString(), level, event, ...fields }),
  );
}
