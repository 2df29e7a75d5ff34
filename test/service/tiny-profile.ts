import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TINY, writeRandomProfile } from '../../gpu-functions/stages/testing/random-profile.ts';

/**
 * A folder for PORTRAIT_PROFILES whose `mini` is a profile of tiny random networks: every stage is the real one, and a
 * whole portrait takes seconds.
 *
 * @param stages settings that differ from the tiny profile's own, by stage.
 */
export async function writeTinyProfiles(
  folder: string,
  stages: Record<string, Record<string, unknown>> = {},
): Promise<void> {
  const merged = { ...TINY.stages };
  for (const [stage, settings] of Object.entries(stages)) merged[stage] = { ...merged[stage], ...settings };
  await writeRandomProfile(join(folder, 'mini'), { ...TINY, stages: merged });
  const path = join(folder, 'mini', 'profile.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...manifest, name: 'mini' }));
}
