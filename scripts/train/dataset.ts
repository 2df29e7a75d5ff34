import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf, SHARD_CONTENTS, type ShardContent } from '../synthetic/dataset/format.ts';
import type { Attributes } from '../synthetic/people/attributes.ts';

/** One rendered view: where it was seen from, and its 25-float camera label. */
export interface View {
  /** Radians from the front towards the subject's left, in (−π, π]; radians above the horizon. */
  azimuth: number;
  elevation: number;
  camera: number[];
}

/** One synthetic person: what the captions say, and the views rendered. */
export interface Identity {
  seed: number;
  captions: string[];
  attributes: Attributes;
  views: View[];
}

/** Identities at the start of a dataset that no training of generator and restorers sees. */
export const HELD_OUT = 40;

/** The first version of datasets that tells how far surfaces lie. */
const WITH_DEPTHS = 5;

interface Shard {
  /** Descriptors of the files of what the dataset has. */
  files: Partial<Record<ShardContent, number>>;
  firstIdentity: number;
}

/**
 * Random access to a folder written by `npm run synthetic`: RGBA pictures (straight alpha, uint8) of people
 * from several sides, with captions and cameras.
 */
export class Dataset {
  readonly identities: Identity[] = [];
  /** Of the renderer: the same seeds look otherwise in another. */
  readonly version: number;
  readonly size: number;
  readonly views: number;
  /** How many of a person's views, the first ones, it also has the hidden sides of. */
  readonly hidden: number;
  private readonly shards: Shard[] = [];
  private readonly shardOf: number[] = [];

  /**
   * @param people how many of its people, the first ones, are read.
   * @throws Error when the folder holds no dataset, or one without depths.
   */
  constructor(folder: string, people = Infinity) {
    const names = shardNames(folder);
    const meta = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8')) as {
      version: number;
      size: number;
      views: number;
      hidden?: number;
    };
    if (meta.version < WITH_DEPTHS) {
      throw new Error(
        `The dataset in '${folder}' is of version ${meta.version}, which has no depths. Render it again into another folder.`,
      );
    }
    this.version = meta.version;
    this.size = meta.size;
    this.views = meta.views;
    this.hidden = meta.hidden ?? 0;
    for (const name of names) {
      if (this.identities.length >= people) break;
      const { identities } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
        identities: Identity[];
      };
      const files = contentsOf(this).map((content) => [
        content,
        openSync(join(folder, `${name}.${SHARD_CONTENTS[content].suffix}`), 'r'),
      ]);
      this.shards.push({ files: Object.fromEntries(files), firstIdentity: this.identities.length });
      for (const identity of identities.slice(0, people - this.identities.length)) {
        this.shardOf.push(this.shards.length - 1);
        this.identities.push(identity);
      }
    }
  }

  /** The picture of one view: size² × 4 bytes, row-major RGBA. */
  image(identity: number, view: number, into?: Uint8Array): Uint8Array {
    return this.read('pixels', identity, view, into);
  }

  /** How far the surfaces of a view lie: size² steps as `depthOfStep` reads them. */
  depths(identity: number, view: number, into?: Uint8Array): Uint8Array {
    return this.read('depths', identity, view, into);
  }

  /** What a view hides, in the same pixels: RGBA `[S, S, 4]`, straight alpha, and the steps of depths `[S, S]` as `depthOfStep` reads them. */
  hiddenSide(identity: number, view: number): { picture: Uint8Array; depths: Uint8Array } {
    const area = this.size ** 2;
    const bytes = this.read('hiddenSides', identity, view);
    return { picture: bytes.subarray(0, 4 * area), depths: bytes.subarray(4 * area) };
  }

  /** What a shard holds of one view, all views being of equal length. */
  private read(
    content: ShardContent,
    identity: number,
    view: number,
    into: Uint8Array = new Uint8Array(SHARD_CONTENTS[content].pixelBytes * this.size ** 2),
  ): Uint8Array {
    const { files, firstIdentity } = this.shards[this.shardOf[identity]!]!;
    const views = this[SHARD_CONTENTS[content].views];
    const position = ((identity - firstIdentity) * views + view) * into.length;
    if (readSync(files[content]!, into, 0, into.length, position) !== into.length)
      throw new Error(`The shard that holds identity ${identity} is cut short; render it again.`);
    return into;
  }

  close(): void {
    for (const { files } of this.shards) Object.values(files).forEach((file) => closeSync(file));
  }
}

function shardNames(folder: string): string[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Said below, with what to do.
  }
  const shards = names.filter((name) => /^shard-\d+\.json$/.test(name)).map((name) => name.slice(0, -5));
  if (shards.length === 0) {
    throw new Error(
      `No dataset in '${folder}'. Render one first: npm run synthetic -- --count 3000 --out ${folder}`,
    );
  }
  return shards.toSorted();
}

/**
 * A picture as the networks see it: [4, size, size] planes in [−1, 1], colour composited over white, then alpha.
 * Written into `out` at `offset`.
 */
export function writePlanes(rgba: Uint8Array, out: Float32Array, offset = 0): void {
  const pixels = rgba.length / 4;
  for (let i = 0; i < pixels; i++) {
    const alpha = rgba[4 * i + 3]! / 255;
    for (let c = 0; c < 3; c++) {
      const overWhite = (rgba[4 * i + c]! / 255) * alpha + 1 - alpha;
      out[offset + c * pixels + i] = 2 * overWhite - 1;
    }
    out[offset + 3 * pixels + i] = 2 * alpha - 1;
  }
}

/** A picture's straight colours [3, size, size] in [−1, 1]: along outlines nothing of the ground shines through. */
export const straightColours = (rgba: Uint8Array): Float32Array => {
  const pixels = rgba.length / 4;
  return Float32Array.from(
    { length: 3 * pixels },
    (_, i) => rgba[4 * (i % pixels) + Math.floor(i / pixels)]! / 127.5 - 1,
  );
};

/** Mirrors an RGBA picture left to right in place. */
export function mirror(rgba: Uint8Array, size: number): void {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, size * size);
  for (let y = 0; y < size; y++) pixels.subarray(y * size, (y + 1) * size).reverse();
}
