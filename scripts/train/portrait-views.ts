import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import type { Dataset } from './dataset.ts';
import type { Drawings } from './drawings.ts';
import { digestOf, madeOnce } from './made-once.ts';
import type { PortraitOf, PortraitViewsPlan, PortraitViewsSetup } from './portrait-views-worker.ts';
import { ViewFile } from './view-file.ts';
import { onWorkerThreads } from './worker-threads.ts';

/** Views of each portrait, all around what its picture does not show. */
export const PORTRAIT_VIEWS = 8;

/** People of a file. */
const TOGETHER = 100;

/** What a portrait depends on beside its picture. */
const NETWORKS = ['encoder', 'generator', 'hidden-side'];

/** Views of portraits that were each made of one frontal picture, and of the people themselves from there. */
export class PortraitViews {
  readonly people: number;
  readonly #files: readonly ViewFile[];
  readonly #bytes: number;

  constructor(paths: readonly string[], size: number, people: number) {
    this.people = people;
    this.#bytes = 4 * size ** 2;
    this.#files = paths.map(
      (path) => new ViewFile(path, 'views of portraits', 2 * this.#bytes, PORTRAIT_VIEWS),
    );
  }

  /** RGBA `[S, S, 4]`, straight alpha: of the portrait, and of the person. */
  read(who: number, view: number): { portrait: Uint8Array; person: Uint8Array } {
    const both = this.#files[Math.floor(who / TOGETHER)]!.read(who % TOGETHER, view);
    return { portrait: both.subarray(0, this.#bytes), person: both.subarray(this.#bytes) };
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

/**
 * Makes drafts of the first `people` people of a dataset, once, on all cores, and renders them and the people: every second one of a drawn picture, as
 * far as people are drawn. Kept in `folder`, some people to a file, for the next run.
 *
 * @throws the signal's reason when it is aborted; files that were finished until then are kept.
 */
export async function renderPortraitViews(
  data: Dataset,
  drawings: Drawings,
  people: number,
  profile: Profile,
  folder: string,
  assets: string,
  signal: AbortSignal,
): Promise<PortraitViews> {
  const { version, size, lights, hair } = data;
  const plan: PortraitViewsPlan = { version, size, lights, hair, views: PORTRAIT_VIEWS };
  const networks = await Promise.all(NETWORKS.map((network) => profile.weights(network)));
  const weights = networks.flatMap((network) => [...network.values()].map(({ data: values }) => values));
  const name = digestOf([JSON.stringify({ ...plan, drawn: drawings.path, of: drawings.people }), ...weights]);
  const all = data.identities.slice(0, people).map(({ seed, views }, who): PortraitOf => {
    const isDrawn = who % 2 === 1 && who < drawings.people;
    return { seed, who, camera: views[1]!.camera, isDrawn };
  });
  const workers = availableParallelism();
  const paths: string[] = [];
  let done = 0;
  const heard = () => {
    if (++done % 20 === 0) process.stderr.write(`views of portraits: ${done} of ${all.length} people\n`);
  };
  for (let first = 0; first < all.length; first += TOGETHER) {
    const some = all.slice(first, first + TOGETHER);
    const file = await madeOnce(folder, `${name}-${first}-${some.length}.u8`, async (path) => {
      await writeFile(path, '');
      const setups = Array.from({ length: workers }, (_, worker): PortraitViewsSetup => {
        const own = some.filter((_each, i) => i % workers === worker);
        return { plan, people: own, first, path, profile: profile.folder, drawings: drawings.path, assets };
      });
      done = first;
      await onWorkerThreads(new URL('./portrait-views-worker.ts', import.meta.url), setups, heard, signal);
    });
    paths.push(file);
  }
  return new PortraitViews(paths, size, all.length);
}
