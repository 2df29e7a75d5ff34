import { VERTICES, type Proxy, type Texture } from '../assets/index.ts';
import type { Rgb } from '../colour.ts';
import type { Look } from '../people/look.ts';
import type { Part } from '../render/index.ts';
import { isBareTop } from './bare-top.ts';
import { isEarRegion, isVisible, type Figure } from './figure.ts';
import { material } from './material.ts';
import { extractPart } from './mesh.ts';
import { shell } from './shell.ts';

/** How far (dm) the body shrinks under clothes, so that it does not poke through. */
const SHRINK = 0.1;

function coveredByClothes(figure: Figure, clothes: readonly Proxy[], hasKnitTop: boolean): Uint8Array {
  const { base } = figure;
  const { source, triangles } = base.topology;
  const covered = new Uint8Array(VERTICES);
  for (const proxy of clothes) for (const v of proxy.reference) covered[v] = 1;
  for (let ring = 0; ring < 3; ring++) {
    const before = covered.slice();
    for (let t = 0; t < triangles.length; t += 3) {
      const corners = [source[triangles[t]], source[triangles[t + 1]], source[triangles[t + 2]]];
      if (corners.some((v) => before[v])) for (const v of corners) covered[v] = 1;
    }
  }
  if (hasKnitTop) for (const v of base.bodyVertices) if (base.vertices[3 * v + 1] < 5.9) covered[v] = 1;
  return covered;
}

/** Body vertices that the worn proxies, or a headscarf over the ears, hide. */
function hiddenVertices(figure: Figure, worn: readonly Proxy[], headscarf: boolean): Uint8Array {
  const hidden = new Uint8Array(VERTICES);
  for (const { hides } of worn) if (hides) for (let v = 0; v < VERTICES; v++) hidden[v] |= hides[v];
  if (headscarf) {
    const p = figure.base.vertices;
    for (const v of figure.base.bodyVertices) {
      if (isEarRegion(Math.abs(p[3 * v]), p[3 * v + 1], p[3 * v + 2])) hidden[v] = 1;
    }
  }
  return hidden;
}

const tintTowards = (colour: Rgb, { mean }: Texture): Rgb => [
  colour[0] / mean[0],
  colour[1] / mean[1],
  colour[2] / mean[2],
];

/** The visible skin, tinted so that its mean is the wanted colour. */
export function skinPart(
  figure: Figure,
  look: Look,
  texture: Texture,
  worn: readonly Proxy[],
  clothes: readonly Proxy[],
): Part {
  const { base, normals } = figure;
  const { source, triangles, group } = base.topology;
  const covered = coveredByClothes(figure, clothes, look.top !== null && !isBareTop(look.top));
  const hidden = hiddenVertices(figure, worn, look.wrap?.kind === 'headscarf');
  const positions = figure.vertices.slice();
  for (let v = 0; v < VERTICES; v++) {
    if (!covered[v] || base.head[v] >= 0.02) continue;
    for (let axis = 3 * v; axis < 3 * v + 3; axis++) positions[axis] -= normals[axis] * SHRINK;
  }
  const chosen: number[] = [];
  for (let t = 0; t < group.length; t++) {
    if (group[t] !== base.bodyGroup) continue;
    const a = source[triangles[3 * t]];
    const b = source[triangles[3 * t + 1]];
    const c = source[triangles[3 * t + 2]];
    if (hidden[a] && hidden[b] && hidden[c]) continue;
    if (isVisible(figure.vertices, figure.lowest, a, b, c)) chosen.push(t);
  }
  const tint = tintTowards(look.skin.colour, texture);
  return extractPart(
    positions,
    normals,
    base.topology,
    chosen,
    material('skin', { texture, tint, specular: 0.1, gloss: 14, cull: true }),
  );
}

/** Lips painted or by nature: the skin's texture recoloured on them. */
export function lipsPart(
  figure: Figure,
  { tint, opacity }: NonNullable<Look['lips']>,
  texture: Texture,
): Part {
  const paint = material('lips', {
    texture,
    blended: true,
    recolour: true,
    tint,
    specular: 0.25,
    gloss: 25,
    opacity,
    cull: true,
    luminance: 0.28,
    edge: 0.5,
  });
  return shell(figure, figure.field('lips'), 0.004, paint);
}

/** Eye shadow: a veil of colour over the lids. */
export function eyeShadowPart(figure: Figure, { tint, opacity }: NonNullable<Look['eyeShadow']>): Part {
  const veil = material('lips', {
    blended: true,
    tint,
    opacity,
    specular: 0.08,
    gloss: 12,
    cull: true,
    edge: 0.09,
  });
  return shell(figure, figure.field('eyelids'), 0.004, veil);
}
