import { picturesTogether } from './imagine/drawing.ts';
import type { Models } from './models.ts';
import { settingsFor } from './settings.ts';

/** What a request asks for unless it says otherwise. */
const [CANDIDATES, QUALITY] = [4, 'standard'] as const;

/**
 * Opens what every portrait begins with: reads the diffusion model's networks, encodes a text, and has the denoiser ready for as many pictures as are
 * asked for unless otherwise said, with and without their text. The first portrait then finds it open; any stage closes it at its end.
 */
export async function warm(models: Models): Promise<void> {
  const { textEncoder, denoiser } = await models.diffusionModel();
  const together = picturesTogether(settingsFor(models.profile.manifest, 'imagine', QUALITY), CANDIDATES);
  const nothing = textEncoder.tokenizer.encode('').ids;
  await Promise.all([textEncoder.encode([nothing]), denoiser.prepare(2 * together)]);
}
