/** Frames of a turn over white: sRGB, `[size, size, 3]` each. */
export interface Frames {
  readonly size: number;
  readonly rgb: readonly Uint8Array[];
}

export const FRAMES_PER_SECOND = 30;
