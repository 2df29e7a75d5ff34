import { Worker } from 'node:worker_threads';

/**
 * Runs a script on as many threads as there are setups, which they find in their `workerData`, until all have ended by themselves.
 *
 * @param heard what each thread says on the way
 * @throws what a thread threw, or the signal's reason when it is aborted, which ends all of them at once.
 */
export async function onWorkerThreads(
  script: URL,
  setups: readonly object[],
  heard: (message: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const threads = setups.map((workerData) => new Worker(script, { workerData }));
  const finished = threads.map(
    (thread) =>
      new Promise<void>((resolve, reject) => {
        thread.on('error', reject);
        thread.on('message', heard);
        thread.on('exit', (code) => {
          if (code === 0) resolve();
          else reject(new Error(`A thread of ${script.pathname} stopped early (exit code ${code}).`));
        });
      }),
  );
  const stop = () => Promise.all(threads.map((thread) => thread.terminate()));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(finished);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await stop();
  }
}
