import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Portrait } from '../../shared/index.ts';
import { LocalService } from '../dev/local-service.ts';
import { readArguments, USAGE, UsageError, type PortraitArguments } from './arguments.ts';
import { PortraitApi } from './portrait-api.ts';
import { ProgressDisplay } from './progress-display.ts';
import { duration } from './progress.ts';

/** How long a cancelled stage may take to come to the end of its step before its process is stopped anyway. */
const CANCEL_MS = 5_000;

/** One Ctrl-C arrives more than once: from the terminal, and from npm. A later one is another. */
const AGAIN_MS = 700;

const EXIT = { failed: 1, usage: 2, filtered: 3, cancelled: 130 };

/** The prompt or the picture is not allowed; nothing was spent on what would have followed. */
class FilteredError extends Error {
  override readonly name = 'FilteredError';
}

const stop = new AbortController();
const display = new ProgressDisplay(process.stdout);
let service: LocalService | undefined;

let stoppedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stop.signal.aborted) {
      stoppedAt = performance.now();
      stop.abort();
    } else if (performance.now() - stoppedAt > AGAIN_MS) {
      // Asked twice: nothing is waited for.
      void (service?.kill() ?? Promise.resolve()).finally(() => process.exit(EXIT.cancelled));
    }
  });
}

try {
  const read = readArguments(process.argv.slice(2));
  if (read === 'help') console.log(USAGE);
  else await run(read);
} catch (error) {
  if (stop.signal.aborted) {
    process.exitCode = EXIT.cancelled;
  } else if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = EXIT.usage;
  } else if (error instanceof FilteredError) {
    console.error(error.message);
    process.exitCode = EXIT.filtered;
  } else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = EXIT.failed;
  }
}

async function run({ request, out, api, state }: PortraitArguments): Promise<void> {
  if (api) return makePortrait(new PortraitApi(api), request, out);
  display.say('Starting the service …');
  service = await LocalService.start({ state }, stop.signal);
  try {
    const made = makePortrait(new PortraitApi(service.api), request, out);
    const restarted = (part: string) => display.say(`The ${part} ended: starting it again.`);
    await Promise.race([made, service.supervise(restarted, stop.signal).then(() => made)]);
  } finally {
    await service.stop();
  }
}

async function makePortrait(
  api: PortraitApi,
  request: PortraitArguments['request'],
  out: string,
): Promise<void> {
  const startedAt = performance.now();
  let portrait = await api.create(request);
  display.say(`"${portrait.prompt}", ${portrait.quality}, seed ${portrait.seed}`);
  try {
    for await (const now of api.watch(portrait, stop.signal)) display.show((portrait = now));
  } catch (error) {
    if (stop.signal.aborted) await cancel(api, portrait.id);
    throw error;
  }
  for (const { detail } of portrait.warnings) display.say(`Note: ${detail}`);
  if (portrait.status === 'filtered')
    throw new FilteredError(`Not allowed: ${portrait.error?.message} ${portrait.error?.action}`);
  if (portrait.status !== 'succeeded') throw new Error(reasonOf(portrait));
  await saveFiles(api, portrait, out);
  const fresh = Object.values(portrait.timings).some((timing) => !timing.cached);
  display.say(
    `${fresh ? 'Made' : 'Answered from the cache'} in ${duration((performance.now() - startedAt) / 1000)}.`,
  );
}

async function cancel(api: PortraitApi, id: string): Promise<void> {
  display.say('Cancelling …');
  try {
    await api.cancel(id);
    await service?.idle(CANCEL_MS);
    display.say('Cancelled.');
  } catch (error) {
    display.say(`The portrait could not be cancelled: ${(error as Error).message}`);
  }
}

function reasonOf({ status, error }: Portrait): string {
  if (!error) return `The portrait was ${status}.`;
  return `${error.stage ?? 'The portrait'} failed: ${error.message}\n${error.action}`;
}

async function saveFiles(api: PortraitApi, portrait: Portrait, out: string): Promise<void> {
  const folder = resolve(out);
  await mkdir(folder, { recursive: true });
  for (const file of portrait.files) await writeFile(join(folder, file.name), await api.download(file));
  await writeFile(join(folder, 'portrait.json'), `${JSON.stringify(portrait, null, 2)}\n`);
  const provenance = await api.provenance(portrait.id);
  await writeFile(join(folder, 'provenance.json'), `${JSON.stringify(provenance, null, 2)}\n`);
  for (const name of [...portrait.files.map((file) => file.name), 'portrait.json', 'provenance.json']) {
    display.say(`  ${relative('.', join(folder, name))}`);
  }
}
