import type { Profile } from '../../weights/index.ts';
import { ContentFilteredError } from '../content-filtered.ts';
import type { Picture } from '../picture.ts';
import { bareScore } from './bare-skin.ts';
import { objections } from './safety-checker.ts';

/** How a profile checks what it draws (`stages.imagine.pictureCheck`). */
export const PICTURE_CHECKS = ['bare-skin', 'safety-checker', 'off'] as const;
export type PictureCheck = (typeof PICTURE_CHECKS)[number];

/** Slots of what a prompt says that name clothes or their colour. */
const CLOTHES = ['top', 'topColour'];

/**
 * Those drawings that may be shown, in their order. The rule of bare skin decides only where the prompt names no clothes:
 * a beige sweater that was asked for may have just the colour of its wearer's skin.
 *
 * @param said names of the slots that the prompt says, where the model reads slots
 * @throws ContentFilteredError where none may
 */
export async function allowedOf<T extends { readonly picture: Picture }>(
  drawn: readonly T[],
  check: PictureCheck,
  said: readonly string[] | null,
  { profile, provider }: { profile: Profile; provider: 'cpu' | 'cuda' },
): Promise<T[]> {
  const named = said?.some((slot) => CLOTHES.includes(slot)) ?? false;
  if (check === 'off' || (check === 'bare-skin' && named)) return [...drawn];
  const pictures = drawn.map(({ picture }) => picture);
  const refused =
    check === 'bare-skin'
      ? pictures.map((picture) => bareScore(picture) > 0)
      : await objections(profile, pictures, provider);
  const allowed = drawn.filter((_, i) => !refused[i]);
  if (allowed.length === 0) throw new ContentFilteredError('No picture that was drawn may be shown.');
  return allowed;
}
