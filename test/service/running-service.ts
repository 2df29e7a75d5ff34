import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isFinal, type Portrait } from '../../shared/index.ts';
import { LocalService } from '../../scripts/dev/local-service.ts';
import { PortraitApi } from '../../scripts/portrait/portrait-api.ts';
import { writeTinyProfiles } from './tiny-profile.ts';

/** A whole service over the tiny profile, in a folder of its own. */
export interface RunningService {
  service: LocalService;
  api: PortraitApi;
  folder: string;
  close(): Promise<void>;
}

export async function startTinyService(
  stages?: Record<string, Record<string, unknown>>,
  variables?: Record<string, string>,
): Promise<RunningService> {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-service-'));
  const profiles = join(folder, 'profiles');
  await writeTinyProfiles(profiles, stages);
  const service = await LocalService.start({
    state: join(folder, 'state'),
    profiles,
    threads: 1,
    checkpointMs: 500,
    ...(variables && { variables }),
  });
  return {
    service,
    api: new PortraitApi(service.api),
    folder,
    async close() {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The portrait once `reached` holds. @throws Error where it is over before, or after `seconds`. */
export async function until(
  api: PortraitApi,
  id: string,
  reached: (portrait: Portrait) => boolean,
  seconds = 200,
): Promise<Portrait> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const portrait = await api.get(id);
    if (reached(portrait)) return portrait;
    const state = `${portrait.status}, ${JSON.stringify(portrait.progress)}, ${JSON.stringify(portrait.error)}`;
    if (isFinal(portrait.status)) throw new Error(`the portrait is over: ${state}`);
    if (Date.now() > deadline) throw new Error(`not reached within ${seconds} s: ${state}`);
    await delay(50);
  }
}

/** The portrait once it succeeded. */
export const finished = (api: PortraitApi, id: string, seconds?: number): Promise<Portrait> =>
  until(api, id, ({ status }) => status === 'succeeded', seconds);

/** Whether a stage of a portrait has come this far. */
export const at =
  (stage: string, fraction: number) =>
  ({ progress }: Portrait): boolean =>
    progress.stages.some(
      (one) => one.stage === stage && one.status === 'running' && one.fraction >= fraction,
    );
