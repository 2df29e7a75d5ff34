import { expect, it } from 'vitest';
import { picturesTogether } from './drawing.ts';

it.each([
  ['all of a draft', { draws: 4, drawnTogether: 20 }, 4, 16],
  ['as many as are allowed, in equal batches', { draws: 4, drawnTogether: 20 }, 8, 16],
  ['no fewer than candidates are kept', { draws: 5, drawnTogether: 1 }, 3, 3],
  ['one for each where batches would not be equal', { draws: 5, drawnTogether: 16 }, 4, 4],
])('draws %s together', (_, settings, candidates, together) => {
  expect(picturesTogether(settings, candidates)).toBe(together);
});
