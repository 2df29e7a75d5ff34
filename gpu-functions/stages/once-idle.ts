import { setImmediate } from 'node:timers/promises';

/** Does the work once what was asked of other threads is on its way to them: this thread sends nothing while it works. */
export async function onceIdle<T>(work: () => T): Promise<T> {
  await setImmediate();
  return work();
}
