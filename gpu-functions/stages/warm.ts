import { portraitRequestSchema } from '../../shared/index.ts';
import { picturesTogether } from './imagine/drawing.ts';
import type { Models } from './models.ts';
import { settingsFor } from './settings.ts';

/**
 * Opens what every portrait begins with: reads the diffusion model's networks, encodes a text, and has the denoiser ready for as many pictures as are
 * asked for unless otherwise said, with and without their text. The first portrait then finds it open; any stage closes it at its end.
 */
export async function warm(models: Models): Promise<void> {
  const { textEncoder, denoiser } = await models.diffusionModel();
  const { candidates, quality } = portraitRequestSchema().parse({ prompt: 'anybody' });
  const together = picturesTogether(settingsFor(models.profile.manifest, 'imagine', quality), candidates);
  const nothing = textEncoder.tokenizer.encode('').ids;
  await Promise.all([textEncoder.encode([nothing]), denoiser.prepare(2 * together)]);
}
