import type { KnitTop } from '../people/look.ts';
import type { Part } from '../render/index.ts';
import type { Figure } from './figure.ts';
import { material } from './material.ts';
import { refinedShell } from './refined-shell.ts';

export type BareTop = Extract<KnitTop, { neck: 'tank' | 'straps' }>;

export const isBareTop = (top: KnitTop): top is BareTop => top.neck === 'tank' || top.neck === 'straps';

/** Where straps lie (distance from the midline), and how high the cloth reaches in front and behind; base mesh, dm. */
const CUTS: Readonly<
  Record<BareTop['neck'], { strap: readonly [number, number]; front: number; back: number }>
> = {
  tank: { strap: [0.5, 0.98], front: 5.35, back: 5.6 },
  straps: { strap: [0.6, 0.92], front: 5.4, back: 5.3 },
};
/** The armholes' distance from the midline. */
const SIDE = 1.3;

/** A tank top or a dress with straps: a layer over the skin that leaves the arms bare. */
export function bareTopParts(figure: Figure, { neck, tint }: BareTop): Part[] {
  const { strap, front, back } = CUTS[neck];
  const { base, lowest } = figure;
  const p = base.vertices;
  const field = new Float32Array(p.length / 3).fill(-1);
  for (const v of base.bodyVertices) {
    const [side, y, z] = [Math.abs(p[3 * v]), p[3 * v + 1], p[3 * v + 2]];
    if (y > 6.5 || figure.vertices[3 * v + 1] < lowest - 0.5) continue;
    const top = back + (front - back) * Math.min(1, Math.max(0, z / 0.6));
    const over = Math.min(side - strap[0], strap[1] - side, 6.3 - y);
    field[v] = Math.max(over, Math.min((top - y) * 0.8, SIDE - side));
  }
  const cloth = material('cloth', { blended: true, tint, edge: 0.02 });
  return [refinedShell(figure, field, () => 0.045, cloth, 1)];
}
