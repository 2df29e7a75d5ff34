import { expect, it } from 'vitest';
import { recoloured } from './vae-pictures.ts';

it('changes colours over white where a picture is covered, and leaves how far it is', () => {
  const picture = { width: 1, height: 1, data: Float32Array.of(0.2, 0.5, 0.1, 0.6) };
  const { data } = recoloured(picture, Float32Array.of(0.2, 0.4, -0.4));
  expect([...data].map((x) => Number(x.toFixed(6)))).toEqual([0.3, 0.6, 0, 0.6]);
});
