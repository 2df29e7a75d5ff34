import type { Picture } from '../picture.ts';

/** How far a picture is one portrait in the middle, measured on its alpha channel. */
export interface Alignment {
  /** Share of the picture that is covered. */
  coverage: number;
  /** Share of the covered pixels that hang together with the largest piece. */
  connected: number;
  /** Horizontal distance of the covered pixels' centre from the middle, in picture widths. */
  offset: number;
  /** Covered share of the border above the shoulders: only below them is a portrait cut off. */
  cut: number;
  /** 1 for a well placed portrait, less for others. */
  score: number;
}

const COVERED = 0.5;

/** Height from the top, as a share of the picture, below which shoulders may touch the sides. */
const SHOULDERS = 0.65;
/** Coverage of a head and shoulders portrait; outside this range the score falls. */
const [LEAST, MOST] = [0.2, 0.7];

/** Measures a picture's placement. */
export function measureAlignment(picture: Picture): Alignment {
  const { width, height, data } = picture;
  const area = width * height;
  const covered = new Uint8Array(area);
  for (let i = 0; i < area; i++) covered[i] = data[3 * area + i] > COVERED ? 1 : 0;
  let count = 0;
  let sumX = 0;
  let edge = 0;
  for (let i = 0; i < area; i++) {
    if (!covered[i]) continue;
    const x = i % width;
    count++;
    sumX += x + 0.5;
    if (i < width || ((x === 0 || x === width - 1) && i < SHOULDERS * area)) edge++;
  }
  const coverage = count / area;
  const connected = count === 0 ? 0 : largestPiece(covered, width) / count;
  const offset = count === 0 ? 1 : Math.abs(sumX / count / width - 0.5);
  const cut = edge / (2 * SHOULDERS * height + width);
  const misfit = Math.max(0, LEAST - coverage, coverage - MOST);
  const score = connected * Math.exp(-10 * misfit - 4 * offset - 4 * cut);
  return { coverage, connected, offset, cut, score: count === 0 ? 0 : score };
}

/** Pixels of the largest 4-connected piece. */
function largestPiece(covered: Uint8Array, width: number): number {
  const left = covered.slice();
  const stack = new Int32Array(covered.length);
  let largest = 0;
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    let waiting = 0;
    let size = 0;
    const reach = (i: number): void => {
      if (left[i] !== 1) return;
      left[i] = 0;
      stack[waiting++] = i;
    };
    reach(start);
    while (waiting > 0) {
      const i = stack[--waiting];
      size++;
      const x = i % width;
      if (x > 0) reach(i - 1);
      if (x < width - 1) reach(i + 1);
      reach(i - width);
      reach(i + width);
    }
    largest = Math.max(largest, size);
  }
  return largest;
}
