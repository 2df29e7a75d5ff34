import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { orbit, type View } from './camera.ts';
import { createIdentity } from './identity.ts';
import { render } from './render/index.ts';
import { Studio } from './studio.ts';

const COLUMNS = 8;
const BACKGROUND = { r: 200, g: 202, b: 207 };
const FRONT: View[] = [{ azimuth: 0, elevation: 0 }];
const TURN: View[] = Array.from({ length: COLUMNS }, (_, i) => ({
  azimuth: (i * Math.PI) / 4,
  elevation: 0.1,
}));

export interface SheetOptions {
  assets: string;
  out: string;
  seed: number;
  count: number;
  size: number;
  /** Eight sides of each person in a row instead of one front view each. */
  turn: boolean;
}

/** Writes a contact sheet and, beside it, a text file with the captions. */
export async function writeSheet({ assets, out, seed, count, size, turn }: SheetOptions): Promise<void> {
  const studio = await Studio.open(assets);
  const views = turn ? TURN : FRONT;
  const tiles: {
    input: Buffer;
    raw: { width: number; height: number; channels: 4 };
    left: number;
    top: number;
  }[] = [];
  const captions: string[] = [];
  for (let i = 0; i < count; i++) {
    const identity = createIdentity(seed + i, studio.assets.targets.sliders.keys());
    const scene = await studio.build(identity.look);
    for (const view of views) {
      const at = tiles.length;
      tiles.push({
        input: Buffer.from(render(scene, orbit(view), size)),
        raw: { width: size, height: size, channels: 4 },
        left: (at % COLUMNS) * size,
        top: Math.floor(at / COLUMNS) * size,
      });
    }
    captions.push(`${identity.seed}\n${identity.captions.map((text) => `  ${text}`).join('\n')}`);
  }
  const width = Math.min(COLUMNS, tiles.length) * size;
  const height = Math.ceil(tiles.length / COLUMNS) * size;
  await sharp({ create: { width, height, channels: 3, background: BACKGROUND } })
    .composite(tiles)
    .png()
    .toFile(out);
  await writeFile(out.replace(/\.png$/, '.txt'), `${captions.join('\n')}\n`);
}
