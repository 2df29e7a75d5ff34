import type { Proxy, Texture } from '../assets/index.ts';
import type { HeadFrame } from '../body/index.ts';
import type { ProxyUse } from '../people/look.ts';
import type { Material, Part } from '../render/index.ts';
import { isVisible } from './figure.ts';
import { clamp } from '../vector.ts';
import { material } from './material.ts';
import { extractPart, vertexNormals } from './mesh.ts';

/** A proxy fitted to the figure: hair, clothes, eyes… */
export interface Worn {
  use: ProxyUse;
  proxy: Proxy;
  texture: Texture | null;
  positions: Float32Array;
}

/** How far waves move hair outwards, in amplitudes. */
const OUTWARD = 0.9;

/** Moves hair away from the head's middle: a fuller head of hair. What lies below the chin stays. */
export function grow(positions: Float32Array, factor: number, { centre }: HeadFrame): void {
  const middle = [centre[0], centre[1] + 0.3, centre[2] - 0.1];
  for (let v = 0; v < positions.length; v += 3) {
    const above = clamp((positions[v + 1] - centre[1] + 0.9) / 0.9, 0, 1);
    const behind = clamp((centre[2] + 0.75 - positions[v + 2]) / 0.5, 0.25, 1);
    const k = (factor - 1) * above * behind;
    for (let axis = 0; axis < 3; axis++) positions[v + axis] += k * (positions[v + axis] - middle[axis]);
  }
}

/** Where a ponytail begins: this far (dm) behind the head's middle. */
const TAIL = -1.05;

/** Widens what hangs behind the head by a factor: the tail of hair that is tied together. */
export function widenTail(positions: Float32Array, factor: number, { centre, ratio }: HeadFrame): void {
  for (let v = 0; v < positions.length; v += 3) {
    const behind = clamp((TAIL * ratio[2] - (positions[v + 2] - centre[2])) / 0.2, 0, 1);
    positions[v] += (factor - 1) * behind * (positions[v] - centre[0]);
  }
}

/** Waves in long hair, growing from the eyes downwards, `closeness` times as many as loose ones; it moves outwards as well, so that no wave sinks into the clothes. */
export function wave(positions: Float32Array, amplitude: number, frame: HeadFrame, closeness = 1): void {
  const start = frame.centre[1] + 0.9;
  for (let v = 0; v < positions.length; v += 3) {
    const down = start - positions[v + 1];
    if (down <= 0) continue;
    const k = amplitude * Math.min(1, down / 1.2) * 0.6;
    const phase = closeness * (positions[v] * 2.3 + positions[v + 2] * 3.1);
    const x = positions[v] - frame.centre[0];
    const z = positions[v + 2] - frame.centre[2];
    const outward = (OUTWARD * k) / (Math.hypot(x, z) + 1e-6);
    positions[v] += k * Math.sin(down * 7.5 * closeness + phase) + x * outward;
    positions[v + 2] += k * Math.cos(down * 6.7 * closeness + phase * 1.3) + z * outward;
  }
}

/** Blends hair normals with the direction from the head's middle: cards of hair then shade as one volume. */
function roundNormals(normals: Float32Array, positions: Float32Array, { centre }: HeadFrame): void {
  for (let v = 0; v < normals.length; v += 3) {
    let dx = positions[v] - centre[0];
    let dy = (positions[v + 1] - centre[1]) * 0.8;
    let dz = positions[v + 2] - centre[2];
    const l = 1 / (Math.hypot(dx, dy, dz) + 1e-6);
    dx *= l;
    dy *= l;
    dz *= l;
    const sign = normals[v] * dx + normals[v + 1] * dy + normals[v + 2] * dz < 0 ? -0.45 : 0.45;
    const nx = normals[v] * sign + dx * 0.55;
    const ny = normals[v + 1] * sign + dy * 0.55;
    const nz = normals[v + 2] * sign + dz * 0.55;
    const q = 1 / Math.hypot(nx, ny, nz);
    normals[v] = nx * q;
    normals[v + 1] = ny * q;
    normals[v + 2] = nz * q;
  }
}

function surfaceOf({ use, texture }: Worn): Material {
  const { surface, tint, brightness = 1, cut } = use;
  const common: Partial<Material> = {
    texture,
    blended: cut !== undefined || (texture !== null && texture.hasAlpha && surface !== 'teeth'),
    recolour: tint !== undefined,
    tint: tint ?? [brightness, brightness, brightness],
    specular: 0.03,
    gloss: 8,
  };
  switch (surface) {
    case 'hair': {
      const luminance = tint ? tint[0] * 0.3 + tint[1] * 0.6 + tint[2] * 0.1 : 0.1;
      const specular = 0.03 + 0.06 * Math.min(1, 3 * luminance);
      const hair = material('hair', { ...common, gamma: 0.75, specular, gloss: 22, alphaGain: 1.25 });
      return cut === undefined ? hair : { ...hair, edge: 0.22 };
    }
    case 'brow':
      return material('brow', { ...common, gamma: 0.5, specular: 0, alphaGain: 1.15 });
    case 'lash':
      return material('lash', { ...common, gamma: 0.5, specular: 0 });
    case 'eye':
      return material('eye', { ...common, specular: 0.9, gloss: 160 });
    case 'cloth':
      return material('cloth', { ...common, gamma: 0.8 });
    case 'teeth':
    case 'hat':
      return material(surface, common);
  }
}

/** A number 0…1 that only depends on the vertex: ragged ends of cut hair. */
const ragged = (vertex: number): number => (Math.imul(vertex, 2654435761) >>> 0) / 4294967296;

/** The visible triangles of what is worn. */
export function wornPart(worn: Worn, frame: HeadFrame, lowest: number): Part {
  const { proxy, positions, use } = worn;
  const { source, triangles } = proxy.topology;
  const chosen: number[] = [];
  for (let t = 0; t < triangles.length / 3; t++) {
    const a = source[triangles[3 * t]];
    const b = source[triangles[3 * t + 1]];
    const c = source[triangles[3 * t + 2]];
    if (isVisible(positions, lowest, a, b, c)) chosen.push(t);
  }
  const normals = vertexNormals(positions, proxy.topology);
  if (use.surface === 'hair') roundNormals(normals, positions, frame);
  const { sources, ...part } = extractPart(positions, normals, proxy.topology, chosen, surfaceOf(worn));
  if (use.cut === undefined) return part;
  const end = frame.centre[1] + use.cut / frame.scale;
  const field = Float32Array.from(
    sources,
    (v, i) => part.positions[3 * i + 1] - end + (ragged(v) - 0.5) * 0.16,
  );
  return { ...part, field };
}
