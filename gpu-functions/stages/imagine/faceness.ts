import { cutRegion, type Region } from '../../diffusion/index.ts';
import { float32 } from '../../graph/index.ts';
import type { Profile } from '../../weights/index.ts';
import type { Picture } from '../picture.ts';
import { blurred, shrunk } from '../planes.ts';
import { smoothStep } from '../ramp.ts';

/** Where pictures from the front have the face, and how alike faces are told. */
export interface EigenfacesConfig {
  /** Side S of the pictures that are looked at. */
  readonly imageSize: number;
  /** Rows and columns of the face. */
  readonly region: Region;
  /** How many eigenfaces there are. */
  readonly count: number;
  /** What true faces have of each measure. */
  readonly usual: Readonly<Record<keyof FaceMeasures, Usual>>;
}

/** A measure of true faces by their lightness: it grows by `slope` a unit, is `mean` at the lightness `at`, and deviates from that by `deviation`. */
export interface Usual {
  readonly at: number;
  readonly mean: number;
  readonly slope: number;
  readonly deviation: number;
}

/** What is told of a face. */
export interface FaceMeasures {
  /** Share of its pattern's energy within the span of the eigenfaces, 0 to 1: little in what is no face. */
  readonly share: number;
  /** Logarithm of that energy: little in a blurred face. */
  readonly energy: number;
}

/** What faces have in common: patterns of light and dark, `[count, H, W]`, orthonormal; the first is that of all faces. */
export interface Eigenfaces {
  readonly config: EigenfacesConfig;
  readonly patterns: Float32Array;
}

/** A face as patterns are compared. */
export interface FacePattern {
  /** Light and dark about the mean around them, `[H, W]`; 0 at the region's border. */
  readonly values: Float32Array;
  /** Mean logarithm of the luminance of the middle of the face. */
  readonly lightness: number;
}

/** Added to luminance before its logarithm: what is darker than that is all black. */
const BLACK = 0.05;

/** Passes of the blur, at the pictures' side, by which features differ from what is around them. */
const COARSE = 6;

/** Energy of a pattern, below which there is none. */
const LEAST_ENERGY = 1e-6;

/** Pixels by which a face may be elsewhere than faces are in the mean. */
const REACH = 2;

/** Share of the region's height and width between its border and where patterns count in full. */
const MARGIN = { rows: 0.2, columns: 0.25 };

/** Rows and columns of the middle of the face, in shares of the region. */
const MIDDLE = { top: 0.47, bottom: 0.69, left: 0.29, right: 0.71 };

/** Name of the network that holds them. */
const NETWORK = 'eigenfaces';

/** The eigenfaces of a profile that has them. @throws Error where its file is not of the shape that the manifest says */
export async function loadEigenfaces(profile: Profile): Promise<Eigenfaces | undefined> {
  if (!(NETWORK in profile.manifest.networks)) return undefined;
  const config = profile.config<EigenfacesConfig>(NETWORK);
  const { height, width } = config.region;
  const shape = [config.count, height, width];
  const patterns = (await profile.weights(NETWORK)).get('patterns');
  if (patterns?.shape.join() !== shape.join())
    throw new Error(
      `The file of '${NETWORK}' in ${profile.folder} holds no 'patterns' of shape [${shape.join(', ')}].`,
    );
  return { config, patterns: float32(patterns) };
}

/**
 * How far what a picture from the front shows where it has its face is from being one, 0 for as much a face as true ones are, or more, and less by
 * how many of their standard deviations it is less: by the share and by the amount of light and dark within face space (Turk & Pentland
 * 1991). Compared are true faces as light as this one: nobody's skin is to be a fault.
 */
export function facenessOf(picture: Picture, faces: Eigenfaces): number {
  const pattern = centredPattern(picture, faces);
  const measures = measuresOf(pattern.values, faces);
  return Object.entries(faces.config.usual).reduce((sum, [name, { at, mean, slope, deviation }]) => {
    const expected = mean + slope * (pattern.lightness - at);
    return sum + Math.min(0, (measures[name as keyof FaceMeasures] - expected) / deviation);
  }, 0);
}

/** What is told of a face by its pattern. */
export function measuresOf(values: Float32Array, { config, patterns }: Eigenfaces): FaceMeasures {
  const length = values.length;
  let within = 0;
  for (let k = 0; k < config.count; k++) within += along(values, patterns, k * length, length) ** 2;
  const all = along(values, values, 0, length);
  return { share: within / Math.max(LEAST_ENERGY, all), energy: Math.log(Math.max(LEAST_ENERGY, within)) };
}

/** The pattern of a picture's face, moved to where it is most like all faces. */
export function centredPattern(picture: Picture, { config, patterns }: Eigenfaces): FacePattern {
  const { region, imageSize } = config;
  const [whole, light] = featuresOf(picture, imageSize);
  const window = windowOf(region);
  const moved = (down: number, right: number): Float32Array => {
    const at = { ...region, top: region.top + down, left: region.left + right };
    return cutRegion(whole, imageSize, at).map((x, i) => x * window[i]);
  };
  const likeAll = (values: Float32Array): number =>
    along(values, patterns, 0, values.length) /
    Math.max(1e-6, Math.sqrt(along(values, values, 0, values.length)));
  let best = moved(0, 0);
  let most = likeAll(best);
  for (let down = -REACH; down <= REACH; down++) {
    for (let right = -REACH; right <= REACH; right++) {
      const values = moved(down, right);
      const like = likeAll(values);
      if (like > most) [best, most] = [values, like];
    }
  }
  return { values: best, lightness: meanOfMiddle(cutRegion(light, imageSize, region), region) };
}

/** Features of a picture, `[S, S]`, and the logarithm of its luminance over white. */
function featuresOf({ width, data }: Picture, side: number): [features: Float32Array, light: Float32Array] {
  const small = shrunk(data, width, side);
  const area = side * side;
  const light = Float32Array.from({ length: area }, (_, i) => {
    const grey = (small[i] + small[area + i] + small[2 * area + i]) / 3;
    return Math.log(BLACK + grey + 1 - small[3 * area + i]);
  });
  const coarse = blurred(light, side, COARSE);
  return [light.map((x, i) => x - coarse[i]), light];
}

/** The share of pixel i of n. */
const ramp = (i: number, n: number, margin: number): number =>
  smoothStep((Math.min(i, n - 1 - i) + 0.5) / n, margin / 2, margin);

/** How much each pixel of the region counts: nothing at its border, all in the middle. */
function windowOf({ height, width }: Region): Float32Array {
  return Float32Array.from(
    { length: height * width },
    (_, i) => ramp(Math.floor(i / width), height, MARGIN.rows) * ramp(i % width, width, MARGIN.columns),
  );
}

function meanOfMiddle(values: Float32Array, { height, width }: Region): number {
  const { top, bottom, left, right } = MIDDLE;
  let sum = 0;
  let count = 0;
  for (let row = Math.round(top * height); row < bottom * height; row++) {
    for (let column = Math.round(left * width); column < right * width; column++) {
      sum += values[row * width + column];
      count++;
    }
  }
  return sum / count;
}

/** Inner product of a vector and the part of another that begins at `from`. */
function along(a: Float32Array, b: Float32Array, from: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[i] * b[from + i];
  return sum;
}
