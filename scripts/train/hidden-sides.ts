import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Dataset, Identity } from './dataset.ts';
import type { HiddenSidesSetup } from './hidden-sides-worker.ts';
import { digestOf, madeOnce } from './made-once.ts';
import { ViewFile } from './view-file.ts';
import { onWorkerThreads } from './worker-threads.ts';

/** Bytes of a pixel: RGBA of the side turned away, and the step of its depth. */
export const BYTES = 5;

/** What frontal views of a dataset hide: the side turned away from the camera, in the same pixels. */
export class HiddenSides {
  private readonly file: ViewFile;
  private readonly area: number;

  constructor(path: string, size: number, views: number) {
    this.file = new ViewFile(path, 'hidden sides', BYTES * size * size, views);
    this.area = size * size;
  }

  /** Reads RGBA `[S, S, 4]`, straight alpha, and the steps of depths `[S, S]` as `depthOfStep` reads them. */
  read(identity: number, view: number): { picture: Uint8Array; depths: Uint8Array } {
    const bytes = this.file.read(identity, view);
    return { picture: bytes.subarray(0, 4 * this.area), depths: bytes.subarray(4 * this.area) };
  }

  close(): void {
    this.file.close();
  }
}

/** How the people of a dataset were rendered, and how many of their views are turned round. */
export interface HiddenSidesPlan extends Pick<Dataset, 'version' | 'size' | 'lights' | 'hair'> {
  views: number;
}

/**
 * Renders what the first `views` views of every person hide, once, on all cores; kept in `folder` for the next run.
 *
 * @throws the signal's reason when it is aborted; nothing is kept then.
 */
export async function renderHiddenSides(
  data: Dataset,
  views: number,
  folder: string,
  assets: string,
  signal: AbortSignal,
): Promise<HiddenSides> {
  const { version, size, lights, hair } = data;
  const plan: HiddenSidesPlan = { version, size, views, lights, hair };
  const people = data.identities.map(({ seed }) => seed);
  const name = `${digestOf([JSON.stringify({ ...plan, people })])}-${size}.u8`;
  const path = await madeOnce(folder, name, async (partial) => {
    await writeFile(partial, '');
    await renderAll(plan, data.identities, partial, assets, signal);
  });
  return new HiddenSides(path, size, views);
}

/** Shares the people out among worker threads, which write them where they belong. */
async function renderAll(
  plan: HiddenSidesPlan,
  identities: readonly Identity[],
  path: string,
  assets: string,
  signal: AbortSignal,
): Promise<void> {
  const people = identities.map(({ seed, views }) => ({ seed, views: views.slice(0, plan.views) }));
  const workers = availableParallelism();
  let done = 0;
  const setups = Array.from({ length: workers }, (_, worker): HiddenSidesSetup => ({
    plan,
    people,
    worker,
    workers,
    path,
    assets,
  }));
  const heard = () => {
    if (done++ % 100 === 0) process.stderr.write(`hidden sides: ${done} of ${people.length} people\n`);
  };
  await onWorkerThreads(new URL('./hidden-sides-worker.ts', import.meta.url), setups, heard, signal);
}
