import type { Profile } from '../../weights/index.ts';
import { ContentFilteredError } from '../content-filtered.ts';
import type { Picture } from '../picture.ts';
import { bareShare } from './bare-skin.ts';
import { objections } from './safety-checker.ts';

/** How a profile checks what it draws (`stages.imagine.pictureCheck`). */
export const PICTURE_CHECKS = ['bare-skin', 'safety-checker', 'off'] as const;
export type PictureCheck = (typeof PICTURE_CHECKS)[number];

/** Share of the chest that may have the colour of the face's skin; how often drawings exceed it is in docs/safety.md. */
const MOST_BARE = 0.8;

/**
 * Those drawings that may be shown, in their order.
 * @throws ContentFilteredError where none may
 */
export async function allowedOf<T extends { readonly picture: Picture }>(
  drawn: readonly T[],
  check: PictureCheck,
  { profile, provider }: { profile: Profile; provider: 'cpu' | 'cuda' },
): Promise<T[]> {
  if (check === 'off') return [...drawn];
  const pictures = drawn.map(({ picture }) => picture);
  const refused =
    check === 'bare-skin'
      ? pictures.map((picture) => bareShare(picture) > MOST_BARE)
      : await objections(profile, pictures, provider);
  const allowed = drawn.filter((_, i) => !refused[i]);
  if (allowed.length === 0) throw new ContentFilteredError('No picture that was drawn may be shown.');
  return allowed;
}
