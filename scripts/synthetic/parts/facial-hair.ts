import { createTexture, type Texture } from '../assets/index.ts';
import type { Look } from '../people/look.ts';
import { random } from '../random.ts';
import type { Part } from '../render/index.ts';
import { clamp } from '../vector.ts';
import type { Figure } from './figure.ts';
import { material } from './material.ts';
import { shell } from './shell.ts';

const SIZE = 256;
const STROKES = 5200;
const TILES = 9;

/** A tile of short, mostly vertical strokes with alpha: stubble, beards, cropped hair. */
export function strokeTexture(): Texture {
  const next = random(12345, 'strokes');
  const alpha = new Float32Array(SIZE * SIZE).fill(0.18);
  const shade = new Float32Array(SIZE * SIZE).fill(0.45);
  for (let stroke = 0; stroke < STROKES; stroke++) {
    let x = next() * SIZE;
    let y = next() * SIZE;
    const angle = Math.PI / 2 + (next() - 0.5) * 0.9;
    const length = 8 + next() * 10;
    const brightness = 0.3 + next() * 0.7;
    for (let i = 0; i < length; i++) {
      const texel = (Math.floor(y) & (SIZE - 1)) * SIZE + (Math.floor(x) & (SIZE - 1));
      alpha[texel] = Math.min(1, alpha[texel] + 0.75);
      shade[texel] = brightness;
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
  }
  const pixels = new Uint8Array(SIZE * SIZE * 4);
  for (let i = 0; i < SIZE * SIZE; i++) {
    pixels.fill(shade[i] * 255, 4 * i, 4 * i + 3);
    pixels[4 * i + 3] = alpha[i] * 255;
  }
  return createTexture({ width: SIZE, height: SIZE, pixels });
}

/** Layers of a beard; of one that hangs down they lie closer. */
const layersOf = ({ length, drop }: NonNullable<Look['beard']>): number =>
  drop > 0 ? 10 : length > 0 ? 5 : 1;

/** A beard of layers of strokes; stubble is one. */
export function beardParts(figure: Figure, beard: NonNullable<Look['beard']>, texture: Texture): Part[] {
  const layers = layersOf(beard);
  const rest = figure.base.vertices;
  const field = figure.field(beard.kind);
  return Array.from({ length: layers }, (_, i) => {
    const share = i / Math.max(1, layers - 1);
    const height = 0.006 + beard.length * share;
    // What grows below the mouth hangs, most of all at the chin.
    const drop = (v: number): number =>
      beard.drop *
      share *
      clamp((6.75 - rest[3 * v + 1]) * 1.6, 0, 1) *
      clamp(field[v] * 5, 0, 1) *
      clamp(1.25 - Math.abs(rest[3 * v]), 0.35, 1);
    const layer = material('beard', {
      texture,
      blended: true,
      recolour: true,
      tint: beard.tint,
      gamma: 0.6,
      specular: 0.05,
      gloss: 8,
      opacity: beard.density * (layers > 1 ? 1 - 0.48 * share : 1),
      cull: true,
      alphaGain: layers > 1 ? 1.9 - 0.8 * share : 1.2,
      edge: 0.1,
    });
    return shell(figure, field, height, layer, { tiles: TILES, ...(beard.drop > 0 && { drop }) });
  });
}

/** Cropped hair: layers of strokes on the scalp, 0.02 dm apart; one is what shows between locks under a hat. */
export function cropParts(figure: Figure, crop: NonNullable<Look['crop']>, texture: Texture): Part[] {
  return Array.from({ length: crop.layers }, (_, i) => {
    const layer = material('beard', {
      texture,
      blended: true,
      recolour: true,
      tint: crop.tint,
      gamma: 0.5,
      specular: 0.03,
      gloss: 8,
      opacity: crop.density,
      cull: true,
      alphaGain: 1.8 - 0.2 * Math.min(i, 3),
      edge: 0.1,
    });
    return shell(figure, figure.field(crop.where), 0.008 + 0.02 * i, layer, { tiles: TILES });
  });
}
