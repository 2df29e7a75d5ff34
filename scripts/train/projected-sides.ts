import { open } from 'node:fs/promises';
import { compile, hostTensor, input, openSession } from '../../gpu-functions/graph/index.ts';
import { storedParameters } from '../../gpu-functions/nn/index.ts';
import { drawHiddenSide, type HiddenSideConfig } from '../../gpu-functions/portrait/index.ts';
import { hiddenSideIn } from '../../gpu-functions/stages/invert/hidden-side.ts';
import { mirrored } from '../../gpu-functions/stages/planes.ts';
import { fromVaeImage } from '../../gpu-functions/stages/vae-pictures.ts';
import { BothSides } from '../../gpu-functions/stages/views/hidden-side.ts';
import { projectedSides } from '../../gpu-functions/stages/views/projected-sides.ts';
import type { Profile } from '../../gpu-functions/weights/index.ts';
import { cameraLabel, orbit, RADIUS } from '../synthetic/camera.ts';
import { SIDES } from '../synthetic/identity.ts';
import type { Dataset } from './dataset.ts';
import { digestOf, madeOnce } from './made-once.ts';
import { ViewFile } from './view-file.ts';

/** People whose hidden sides are drawn at once. */
const BATCH = 4;

/** Planes: colour, alpha and depth, and what is left of the depth beyond its byte. */
const PLANES = 6;

/** A depth plane's range, and its steps. */
const [DEEPEST, STEPS] = [2.2, 65535];

/** Which of a person's frontal views is the picture. */
export const pictureOf = (who: number): number => (who % 2 === 0 ? 1 : 0);

/** What frontal pictures and what was inferred of their hidden sides show from the sides; the right one mirrored. */
export class ProjectedSides {
  private readonly file: ViewFile;
  private readonly area: number;

  constructor(path: string, size: number) {
    this.file = new ViewFile(path, 'projected sides', PLANES * size * size, SIDES.length);
    this.area = size * size;
  }

  /** Writes planes `[5, S, S]` as `projectedSides` gives them. */
  writePlanes(who: number, side: number, out: Float32Array, offset: number): void {
    const { area } = this;
    const bytes = this.file.read(who, side);
    for (let i = 0; i < 4 * area; i++) out[offset + i] = bytes[i] / 127.5 - 1;
    for (let i = 4 * area; i < 5 * area; i++) {
      const step = 256 * bytes[i] + bytes[i + area];
      out[offset + i] = (2 * step * DEEPEST) / STEPS - DEEPEST;
    }
  }

  close(): void {
    this.file.close();
  }
}

/**
 * Projects the sides of a dataset's people by a profile's `hidden-side`, once; kept in `folder` for the next run.
 *
 * @param picture writes the frontal picture of a person: planes [4, S, S] in [−1, 1]
 */
export async function projectSides(
  data: Dataset,
  profile: Profile,
  picture: (who: number, out: Float32Array, offset: number) => void,
  folder: string,
  signal: AbortSignal,
): Promise<ProjectedSides> {
  const config = profile.config<HiddenSideConfig>('hidden-side');
  const weights = await profile.weights('hidden-side');
  const { size } = data;
  const values = [...weights.values()].map(({ data: each }) => each);
  const people = data.identities.length;
  const digest = digestOf([`version ${data.version}, ${people} people`, ...values]);
  const path = await madeOnce(folder, `${digest}-${size}.u8`, async (partial) => {
    const shape = [2 * BATCH, 4, size, size];
    const out = { ...drawHiddenSide(storedParameters(weights), config, input('image', shape)) };
    const session = await openSession(compile(out), { inline: true, threads: 1 });
    const file = await open(partial, 'w');
    const length = 4 * size * size;
    const draw = (first: number) => {
      const image = new Float32Array(2 * BATCH * length);
      for (let i = 0; i < BATCH; i++) {
        picture(Math.min(first + i, people - 1), image, i * length);
        image.set(mirrored(image.subarray(i * length, (i + 1) * length), size), (BATCH + i) * length);
      }
      return { image, drawn: session.run({ image: hostTensor(image, shape) }) };
    };
    try {
      let next = draw(0);
      for (let first = 0; first < people; first += BATCH) {
        signal.throwIfAborted();
        const { image } = next;
        const drawn = await next.drawn;
        // The network works while rays are followed.
        next = draw(first + BATCH);
        for (let i = 0; i < Math.min(BATCH, people - first); i++) {
          const label = data.identities[first + i].views[pictureOf(first + i)].camera;
          const front = { picture: fromVaeImage(image, size, i), label };
          const sides = new BothSides(front, hiddenSideIn(drawn, size, i));
          for (const [side, view] of SIDES.entries()) {
            const planes = projectedSides(sides, cameraLabel(orbit(view)), RADIUS, size);
            await file.write(encoded(side === 0 ? planes : mirrored(planes, size), size));
          }
        }
        if (first % 200 === 0) process.stderr.write(`projected sides: ${first} of ${people} people\n`);
      }
      await next.drawn;
    } finally {
      await file.close();
      await session.close();
    }
  });
  return new ProjectedSides(path, size);
}

function encoded(planes: Float32Array, size: number): Uint8Array {
  const area = size * size;
  const bytes = new Uint8Array(PLANES * area);
  for (let i = 0; i < 4 * area; i++) bytes[i] = Math.round((planes[i] + 1) * 127.5);
  for (let i = 4 * area; i < 5 * area; i++) {
    const step = Math.round(((planes[i] + DEEPEST) / (2 * DEEPEST)) * STEPS);
    bytes[i] = step >> 8;
    bytes[i + area] = step & 255;
  }
  return bytes;
}
