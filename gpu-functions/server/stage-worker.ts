import { flushCompileCache } from 'node:module';
import { STAGE_VERSIONS } from '../../shared/index.ts';
import { loadModels, stages, warm } from '../stages/index.ts';
import { serveStages } from './serve-stages.ts';

/** The child process of the server: the real stages over the profile named by the environment. */
serveStages(async () => {
  const {
    STAGE_PROFILE = 'mini',
    STAGE_PROVIDER = 'cpu',
    STAGE_THREADS,
    STAGE_SESSION_MIB,
    STAGE_WARM,
  } = process.env;
  if (STAGE_PROVIDER !== 'cpu' && STAGE_PROVIDER !== 'cuda') {
    throw new Error(`The provider must be cpu or cuda, not '${STAGE_PROVIDER}'.`);
  }
  const models = await loadModels(STAGE_PROFILE, {
    provider: STAGE_PROVIDER,
    ...(STAGE_THREADS && { threads: Number(STAGE_THREADS) }),
    ...(STAGE_SESSION_MIB && { memoryBudget: Number(STAGE_SESSION_MIB) * 2 ** 20 }),
  });
  // Threads that are started from here on find the modules compiled, where NODE_COMPILE_CACHE says that they are kept.
  flushCompileCache();
  // A run that comes meanwhile shares what is opened, and meets what goes wrong.
  if (STAGE_WARM) warm(models).catch(() => {});
  return {
    profile: models.profile.manifest.name,
    provider: STAGE_PROVIDER,
    digest: models.profile.digest,
    stages: STAGE_VERSIONS,
    run: (stage, context) => stages[stage](models, context),
  };
});
