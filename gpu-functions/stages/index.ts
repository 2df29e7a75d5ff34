import type { Stage as StageName } from '../../shared/index.ts';
import { distill } from './distill/distill.ts';
import { imagine } from './imagine/imagine.ts';
import { invert } from './invert/invert.ts';
import { refine } from './refine/refine.ts';
import { render } from './render/render.ts';
import type { Stage } from './stage.ts';

export * from './stage.ts';
export { warm } from './warm.ts';
export { loadModels, modelsOf, type Models, type ModelsOptions } from './models.ts';

/** The five stages by name; their versions are `STAGE_VERSIONS` in `shared`. A stage that is over leaves no session open. */
export const stages: Record<StageName, Stage> = {
  imagine: closing(imagine),
  invert: closing(invert),
  distill: closing(distill),
  refine: closing(refine),
  render: closing(render),
};

/** The stages share few sessions, and together theirs would take gigabytes. */
function closing(stage: Stage): Stage {
  return async (models, context) => {
    try {
      return await stage(models, context);
    } finally {
      await models.close();
    }
  };
}
