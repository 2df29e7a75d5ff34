import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { orbit } from '../synthetic/camera.ts';
import { createIdentity, lightsOf } from '../synthetic/identity.ts';
import { bakeLight, render } from '../synthetic/render/index.ts';
import { Studio } from '../synthetic/studio.ts';
import type { Dataset } from './dataset.ts';
import { ViewFile } from './view-file.ts';

/** Bytes of a pixel: RGBA of the side turned away, and the step of its depth. */
const BYTES = 5;

/** What frontal views of a dataset hide: the side turned away from the camera, in the same pixels. */
export class HiddenSides {
  private readonly file: ViewFile;
  private readonly area: number;

  constructor(path: string, size: number, views: number) {
    this.file = new ViewFile(path, 'hidden sides', BYTES * size * size, views);
    this.area = size * size;
  }

  /** Reads RGBA `[S, S, 4]`, straight alpha, and the steps of depths `[S, S]` as `depthOfStep` reads them. */
  read(identity: number, view: number): { picture: Uint8Array; depths: Uint8Array } {
    const bytes = this.file.read(identity, view);
    return { picture: bytes.subarray(0, 4 * this.area), depths: bytes.subarray(4 * this.area) };
  }

  close(): void {
    this.file.close();
  }
}

/** Renders what the first `views` views of every person hide, once; kept in `folder` for the next run. */
export async function renderHiddenSides(
  data: Dataset,
  views: number,
  folder: string,
  assets: string,
): Promise<HiddenSides> {
  const { size, identities, version, lights, hair } = data;
  const people = identities.map(({ seed }) => seed);
  const hash = createHash('sha256').update(JSON.stringify({ version, size, views, lights, hair, people }));
  const path = join(folder, `${hash.digest('hex').slice(0, 16)}-${size}.u8`);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    const file = await open(`${path}.partial`, 'w');
    try {
      const studio = await Studio.open(assets);
      for (const [i, { seed, views: all }] of identities.entries()) {
        const identity = createIdentity(seed, studio.assets.targets.sliders.keys(), hair);
        const scene = await studio.build(identity.look);
        const lighting = lightsOf(identity, lights);
        for (let view = 0; view < views; view++) {
          if (lighting.length > 1) bakeLight(scene, lighting[view % lighting.length]);
          const depths = new Uint8Array(size * size);
          await file.write(render(scene, orbit(all[view]), size, depths, 'hidden'));
          await file.write(depths);
        }
        if (i % 100 === 0) process.stderr.write(`hidden sides: ${i} of ${identities.length} people\n`);
      }
    } finally {
      await file.close();
    }
    await rename(`${path}.partial`, path);
  }
  return new HiddenSides(path, size, views);
}
