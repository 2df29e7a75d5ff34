import { hostTensor, type HostTensor } from '../graph/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../weights/index.ts';
import { byte } from './picture.ts';
import type { StageOutput } from './stage.ts';
import type { HiddenSide } from './views/hidden-side.ts';
import type { SideView } from './views/side-views.ts';
import type { PosedPicture } from './views/posed-picture.ts';

/** Floats of a camera's label. */
const LABEL = 25;

/** Tensors of what the first picture hides. */
const [DEPTHS, COLOURS] = ['hidden.depths', 'hidden.colours'];

/** Tensors of what it looks like from the sides. */
const SIDES = { pictures: 'sides.pictures', depths: 'sides.depths', cameras: 'sides.cameras' };

/**
 * The artifact `pictures`: what a portrait looks like from some sides, finer than its tri-grid, those first that count most. A safetensors
 * file of `pictures` `[N, 4, S, S]`, bytes of premultiplied colour and alpha, and `cameras` `[N, 25]`. Where it is known what the first picture hides,
 * `hidden.depths` `[2, T, T]`, distances of both sides along the camera's axis in world units, and `hidden.colours` `[3, T, T]`, bytes of the far one.
 * Where it is known what that looks like from M sides, `sides.pictures` `[M, 4, T, T]`, bytes of straight colour and alpha, `sides.depths` `[M, T, T]`,
 * and `sides.cameras` `[M, 25]`.
 *
 * @param views one at least, of one size
 */
export function picturesOutput(views: readonly PosedPicture[]): StageOutput {
  const { width, height, data } = views[0].picture;
  const { hidden, sides } = views[0];
  const bytes = new Uint8Array(views.length * data.length);
  const cameras = new Float32Array(LABEL * views.length);
  views.forEach(({ picture, label }, i) => {
    picture.data.forEach((x, k) => (bytes[i * data.length + k] = byte(x)));
    cameras.set(label, LABEL * i);
  });
  const tensors = new Map<string, HostTensor>([
    ['pictures', hostTensor(bytes, [views.length, 4, height, width])],
    ['cameras', hostTensor(cameras, [views.length, LABEL])],
  ]);
  if (hidden) {
    const { size, near, far, colours } = hidden;
    const depths = new Float32Array(2 * size ** 2);
    depths.set(near);
    depths.set(far, size ** 2);
    tensors.set(DEPTHS, hostTensor(depths, [2, size, size]));
    tensors.set(COLOURS, hostTensor(Uint8Array.from(colours, byte), [3, size, size]));
  }
  if (sides) {
    const { size } = sides[0];
    const joined = (shape: number[], of: (side: SideView) => ArrayLike<number>): HostTensor => {
      const values = sides.map((side) => Float32Array.from(of(side)));
      const all = new Float32Array(sides.length * values[0].length);
      values.forEach((each, i) => all.set(each, i * each.length));
      return hostTensor(all, [sides.length, ...shape]);
    };
    const drawn = joined([4, size, size], ({ picture }) => picture);
    tensors.set(SIDES.pictures, hostTensor(Uint8Array.from(drawn.data as Float32Array, byte), drawn.shape));
    tensors.set(
      SIDES.depths,
      joined([size, size], ({ depths }) => depths),
    );
    tensors.set(
      SIDES.cameras,
      joined([LABEL], ({ label }) => label),
    );
  }
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
  const hidden = decodeHiddenSide(tensors.get(DEPTHS), tensors.get(COLOURS));
  const sides = decodeSides(tensors);
  return Array.from({ length: count }, (_, i) => ({
    picture: {
      width,
      height,
      data: fromBytes((pictures.data as Uint8Array).subarray(i * length, (i + 1) * length)),
    },
    label: (cameras.data as Float32Array).slice(LABEL * i, LABEL * (i + 1)),
    ...(i === 0 && hidden && { hidden }),
    ...(i === 0 && sides && { sides }),
  }));
}

/** Shares of 0…1 that were stored as bytes. */
const fromBytes = (bytes: Uint8Array): Float32Array => new Float32Array(bytes).map((x) => x / 255);

function decodeHiddenSide(
  depths: HostTensor | undefined,
  colours: HostTensor | undefined,
): HiddenSide | undefined {
  if (!depths || !colours) return undefined;
  const size = depths.shape[1];
  const both = depths.data as Float32Array;
  return {
    size,
    near: both.slice(0, size ** 2),
    far: both.slice(size ** 2),
    colours: fromBytes(colours.data as Uint8Array),
  };
}

function decodeSides(tensors: ReadonlyMap<string, HostTensor>): SideView[] | undefined {
  const [pictures, depths, cameras] = Object.values(SIDES).map((name) => tensors.get(name));
  if (!pictures || !depths || !cameras) return undefined;
  const [count, , size] = pictures.shape;
  const part = ({ data }: HostTensor, i: number): Float32Array => {
    const length = data.length / count;
    return Float32Array.from((data as Float32Array).subarray(i * length, (i + 1) * length));
  };
  return Array.from({ length: count }, (_, i) => ({
    label: part(cameras, i),
    size,
    depths: part(depths, i),
    picture: part(pictures, i).map((x) => x / 255),
  }));
}
