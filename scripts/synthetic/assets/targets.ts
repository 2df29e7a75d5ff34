import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { VERTICES } from './base-mesh.ts';

/** A morph target: the vertices it moves and their offsets in thousandths of a decimetre. */
export interface Target {
  vertices: Uint16Array;
  offsets: Int16Array;
}

/** Morph targets by name, and the sliders −1…1 made of two opposite targets. */
export interface Targets {
  byName: ReadonlyMap<string, Target>;
  sliders: ReadonlyMap<string, readonly [negative: string, positive: string]>;
}

const SLIDER_GROUPS = [
  'cheek',
  'chin',
  'ears',
  'eyebrows',
  'eyes',
  'forehead',
  'head',
  'mouth',
  'neck',
  'nose',
];
const OPPOSITES = new Map(
  Object.entries({
    less: 'more',
    min: 'max',
    in: 'out',
    down: 'up',
    decr: 'incr',
    small: 'big',
    backward: 'forward',
    concave: 'convex',
    deflate: 'inflate',
    compress: 'uncompress',
    lessgreek: 'moregreek',
    lesshump: 'morehump',
    point: 'potato',
    decrease: 'increase',
    skinny: 'fat',
  }),
);

function isNeeded(name: string): boolean {
  const group = name.split('/')[0];
  if (group === 'breast') return /^breast\/female-.*(mincup|maxcup)-averagefirmness$/.test(name);
  if (name.includes('baby')) return false;
  return SLIDER_GROUPS.includes(group) || group === 'expression' || group === 'macrodetails';
}

/** Beyond this (dm) a detail target's offset is damage in the file (`eyes/r-eye-bag-max`), not a face. */
const LARGEST_DETAIL = 4;

function sparse(dense: Int16Array, limit: number): Target {
  const vertices: number[] = [];
  const offsets: number[] = [];
  for (let v = 0; v < VERTICES; v++) {
    const x = dense[3 * v];
    const y = dense[3 * v + 1];
    const z = dense[3 * v + 2];
    if (x === 0 && y === 0 && z === 0) continue;
    if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) > limit) continue;
    vertices.push(v);
    offsets.push(x, y, z);
  }
  return { vertices: Uint16Array.from(vertices), offsets: Int16Array.from(offsets) };
}

/** Reads the needed rows of `targets.bin`: Int16 LE, one row per target name in sorted order. */
export function loadTargets(root: string): Targets {
  const list = path.join(root, 'src/json/targets/target-list.json');
  const { targets } = JSON.parse(readFileSync(list, 'utf8')) as { targets: Record<string, unknown> };
  const names = Object.keys(targets)
    .map((key) => key.toLowerCase())
    .toSorted();
  const byName = new Map<string, Target>();
  const row = Buffer.alloc(VERTICES * 3 * 2);
  const file = openSync(path.join(root, 'public/data/targets/targets.bin'), 'r');
  names.forEach((key, index) => {
    const name = key.replace(/^.*targets\//, '').replace(/\.target$/, '');
    if (!isNeeded(name)) return;
    readSync(file, row, 0, row.length, index * row.length);
    const limit = name.startsWith('macro') ? Infinity : LARGEST_DETAIL * 1000;
    byName.set(name, sparse(new Int16Array(row.buffer, row.byteOffset, VERTICES * 3), limit));
  });
  closeSync(file);
  return { byName, sliders: findSliders(byName) };
}

function findSliders(byName: ReadonlyMap<string, Target>): Targets['sliders'] {
  const sliders = new Map<string, readonly [string, string]>();
  for (const name of byName.keys()) {
    if (!SLIDER_GROUPS.includes(name.split('/')[0])) continue;
    const cut = name.lastIndexOf('-');
    const stem = name.slice(0, cut);
    const end = name.slice(cut + 1);
    const opposite = OPPOSITES.get(end);
    if (opposite === undefined || !byName.has(`${stem}-${opposite}`)) continue;
    sliders.set(`${stem}:${end}`, [name, `${stem}-${opposite}`]);
  }
  return sliders;
}
