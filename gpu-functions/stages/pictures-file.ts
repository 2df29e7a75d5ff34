import { hostTensor } from '../graph/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../weights/index.ts';
import type { StageOutput } from './stage.ts';
import type { PosedPicture } from './views/posed-picture.ts';

/** Floats of a camera's label. */
const LABEL = 25;

/**
 * The artifact `pictures`: what a portrait looks like from some sides, finer than its tri-grid, those first that count most. A safetensors
 * file of `pictures` `[N, 4, S, S]`, bytes of premultiplied colour and alpha, and `cameras` `[N, 25]`.
 *
 * @param views one at least, of one size
 */
export function picturesOutput(views: readonly PosedPicture[]): StageOutput {
  const { width, height, data } = views[0].picture;
  const bytes = new Uint8Array(views.length * data.length);
  const cameras = new Float32Array(LABEL * views.length);
  views.forEach(({ picture, label }, i) => {
    picture.data.forEach(
      (x, k) => (bytes[i * data.length + k] = Math.round(255 * Math.min(1, Math.max(0, x)))),
    );
    cameras.set(label, LABEL * i);
  });
  const tensors = new Map([
    ['pictures', hostTensor(bytes, [views.length, 4, height, width])],
    ['cameras', hostTensor(cameras, [views.length, LABEL])],
  ]);
  return { bytes: encodeSafetensors(tensors), contentType: 'application/octet-stream' };
}

/** @throws Error when the bytes hold no pictures. */
export function decodePictures(file: Uint8Array): PosedPicture[] {
  const { tensors } = decodeSafetensors(file, 'the file of pictures');
  const [pictures, cameras] = [tensors.get('pictures'), tensors.get('cameras')];
  if (!pictures || !cameras)
    throw new Error('the file holds no pictures with cameras: make it with the stage invert');
  const [count, channels, height, width] = pictures.shape;
  const length = channels * height * width;
  return Array.from({ length: count }, (_, i) => ({
    picture: {
      width,
      height,
      data: Float32Array.from(
        (pictures.data as Uint8Array).subarray(i * length, (i + 1) * length),
        (x) => x / 255,
      ),
    },
    label: (cameras.data as Float32Array).slice(LABEL * i, LABEL * (i + 1)),
  }));
}
