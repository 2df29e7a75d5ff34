import { constant, hostTensor, slice } from '../../gpu-functions/graph/index.ts';
import type { Value } from '../../gpu-functions/graph/index.ts';

/**
 * How much the face counts against the rest: glasses, beards and eyes are small, and most of what a portrait is judged by. Shares of the
 * picture's side between which frontal views have the face.
 */
const FACE = { weight: 3, top: 0.2, bottom: 0.7, left: 0.3, right: 0.7 };

/** Weights of mean 1 for the cells of a square grid over a picture, [1, 1, side, side]. */
export function faceWeights(side: number): Value {
  const inside = (i: number, from: number, to: number) => (i + 0.5) / side > from && (i + 0.5) / side < to;
  const weights = Float32Array.from({ length: side * side }, (_, i) =>
    inside(Math.floor(i / side), FACE.top, FACE.bottom) && inside(i % side, FACE.left, FACE.right)
      ? FACE.weight
      : 1,
  );
  const average = weights.reduce((sum, w) => sum + w, 0) / weights.length;
  const scaled = weights.map((w) => w / average);
  return constant(hostTensor(scaled, [1, 1, side, side]));
}

/** The part of pictures [N, C, S, S] where frontal views have the face; S is a multiple of 32. */
export function faceOf(pictures: Value): Value {
  const side = pictures.shape[2];
  const at = (share: number) => 16 * Math.round((share * side) / 16);
  return slice(slice(pictures, 2, at(FACE.top), at(FACE.bottom)), 3, at(FACE.left), at(FACE.right));
}
