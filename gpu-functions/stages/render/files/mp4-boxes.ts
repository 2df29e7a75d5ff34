/** Boxes that hold boxes on the way to what is changed here. */
const CONTAINERS = ['moov', 'trak', 'mdia', 'minf', 'stbl'];

/** Boxes that begin with the times of making and changing, in seconds, after a version and flags. */
const DATED = ['mvhd', 'tkhd', 'mdhd'];

/** Levels of H.264 (ITU-T H.264 table A-1): level_idc, most macroblocks a second, most macroblocks of a picture. */
const LEVELS = [
  [10, 1_485, 99],
  [11, 3_000, 396],
  [12, 6_000, 396],
  [13, 11_880, 396],
  [21, 19_800, 792],
  [22, 20_250, 1_620],
  [30, 40_500, 1_620],
  [31, 108_000, 3_600],
  [32, 216_000, 5_120],
  [40, 245_760, 8_192],
  [51, 983_040, 36_864],
] as const;

interface Box {
  type: string;
  /** Of the whole box, and of what is in it. */
  start: number;
  body: number;
  end: number;
}

/**
 * An MP4 of one H.264 track made fit to be kept and streamed: its index before its pictures, no time of making in it
 * (equal portraits are equal bytes), and a level that its size and rate really need.
 */
export function tidyMp4(bytes: Uint8Array, size: number, framesPerSecond: number): Uint8Array {
  const file = Uint8Array.from(bytes);
  const view = new DataView(file.buffer);
  const boxes = boxesIn(view, 0, file.length);
  const all = boxes.flatMap((box) => [box, ...inside(view, box)]);
  const one = (type: string): Box => {
    const found = all.find((box) => box.type === type);
    if (!found) throw new Error(`the H.264 encoder wrote an MP4 without the box ${type}`);
    return found;
  };
  for (const { body } of all.filter(({ type }) => DATED.includes(type))) file.fill(0, body + 4, body + 12);
  setLevel(file, one('stsd'), levelOf(size, framesPerSecond));

  const parts = ['ftyp', 'moov', 'mdat'].map(one);
  const before = parts.slice(0, 2).reduce((sum, { start, end }) => sum + end - start, 0);
  const offsets = one('stco').body + 8;
  const count = view.getUint32(offsets - 4);
  for (let i = 0; i < count; i++) {
    const at = offsets + 4 * i;
    view.setUint32(at, view.getUint32(at) - parts[2].start + before);
  }
  return Buffer.concat(parts.map(({ start, end }) => file.subarray(start, end)));
}

function boxesIn(view: DataView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let start = from; start < to;) {
    const end = start + view.getUint32(start);
    const type = String.fromCharCode(...new Uint8Array(view.buffer, start + 4, 4));
    boxes.push({ type, start, body: start + 8, end });
    start = end;
  }
  return boxes;
}

function inside(view: DataView, { type, body, end }: Box): Box[] {
  if (!CONTAINERS.includes(type)) return [];
  return boxesIn(view, body, end).flatMap((box) => [box, ...inside(view, box)]);
}

function levelOf(size: number, framesPerSecond: number): number {
  const blocks = Math.ceil(size / 16) ** 2;
  const fits = LEVELS.find(([, rate, picture]) => blocks <= picture && blocks * framesPerSecond <= rate);
  return (fits ?? LEVELS[LEVELS.length - 1])[0];
}

/** `avcC` says the level once itself, and once in the sequence parameter set that it holds (ISO/IEC 14496-15 §5.3.3). */
function setLevel(file: Uint8Array, { body, end }: Box, level: number): void {
  const at = Buffer.from(file.buffer, 0, end).indexOf('avcC', body, 'latin1') + 4;
  const parameterSet = at + 8;
  file[at + 3] = level;
  file[parameterSet + 3] = level;
}
