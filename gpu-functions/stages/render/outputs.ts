import { OUTPUT_FILES, OUTPUTS, type Output } from '../../../shared/index.ts';
import { encodePng } from '../picture-codecs.ts';
import type { StageSettings } from '../settings.ts';
import type { StageOutput } from '../stage.ts';
import type { Frames } from './files/frames.ts';
import { encodeGlb } from './files/glb.ts';
import { encodeJpeg } from './files/jpeg.ts';
import { markPng, markSafetensors } from './files/marks.ts';
import { encodeObj } from './files/obj.ts';
import { encodePly } from './files/ply.ts';
import { encodeSplats } from './files/splats.ts';
import { encodeStl } from './files/stl.ts';
import { encodeStrip } from './files/strip.ts';
import { encodeUsdz } from './files/usdz.ts';
import { encodeWebp } from './files/webp.ts';
import type { ColouredMesh, TexturedMesh } from './mesh/portrait-mesh.ts';
import type { Studio } from './studio.ts';

/** Views of the strip, 45° apart, from the front on. */
const STRIP_VIEWS = 8;

/** Work of meshes in pixels of a picture. */
const MESH_WORK = 4_000_000;

const TURNTABLES: readonly Output[] = ['turntable', 'mp4'];
const TEXTURED: readonly Output[] = ['glb', 'obj', 'usdz'];
const COLOURED: readonly Output[] = ['ply', 'stl', 'splat'];

/** What the outputs of one portrait are made with. */
export interface Making {
  readonly studio: Studio;
  readonly settings: StageSettings['render'];
  /** Label of the camera at an azimuth in degrees. */
  label(azimuth: number): ArrayLike<number>;
  /** The portrait itself: a safetensors file of its tri-grid, and of the pictures that are laid over it. */
  readonly portrait: Uint8Array;
  /** Tells that a share of the work is done. */
  advance(share: number, message: string, preview?: Uint8Array): void;
}

/** The view from a camera: a PNG. */
export async function makeView(studio: Studio, label: ArrayLike<number>, size: number): Promise<StageOutput> {
  const data = await studio.make({ kind: 'view', label, size });
  return { bytes: markPng(await encodePng({ width: size, height: size, data })), contentType: 'image/png' };
}

/** Makes the wanted outputs, side by side, by the names of their files; what several are made of is made once. */
export async function makeOutputs(
  wanted: readonly Output[],
  { studio, settings, label, portrait, advance }: Making,
): Promise<Record<string, StageOutput>> {
  const any = (some: readonly Output[]) => some.some((output) => wanted.includes(output));
  const total = workOf(wanted, settings);
  const worked = (pixels: number, message: string, preview?: Uint8Array) =>
    advance(pixels / total, message, preview);

  const meshes = once(async () => {
    const made = await studio.make({ kind: 'meshes', textured: any(TEXTURED), coloured: any(COLOURED) });
    worked(MESH_WORK, 'made the mesh');
    return made;
  });
  const textured = once(async () => {
    const mesh = (await meshes()).textured!;
    return { mesh, jpeg: await encodeJpeg(mesh.texture) };
  });
  const coloured = async () => (await meshes()).coloured!;
  const { turntableFrames: count } = settings;
  const frame = onceEach(async (azimuth: number, size: number) => {
    const rgb = await studio.make({ kind: 'frame', label: label(azimuth), size });
    worked(size ** 2, 'rendering views');
    return rgb;
  });
  /** Frames of a whole turn; those that two turns of one size have in common are drawn once. */
  const turn = async (frames: number, size: number): Promise<Frames> => ({
    size,
    rgb: await Promise.all(Array.from({ length: frames }, (_, i) => frame((360 * i) / frames, size))),
  });
  const turntable = once(() => turn(count, settings.turntableSize));
  const fromTextured =
    (contentType: string, encode: (mesh: TexturedMesh, jpeg: Uint8Array<ArrayBuffer>) => Bytes) =>
    async () => {
      const { mesh, jpeg } = await textured();
      return { bytes: await encode(mesh, jpeg), contentType };
    };
  const fromColoured = (contentType: string, encode: (mesh: ColouredMesh) => Uint8Array) => async () => ({
    bytes: encode(await coloured()),
    contentType,
  });

  const makers: Record<Output, () => Promise<StageOutput>> = {
    async front() {
      const front = await makeView(studio, label(0), settings.frontSize);
      worked(settings.frontSize ** 2, 'rendered the front view', front.bytes);
      return front;
    },
    async strip() {
      const bytes = await encodeStrip(await turn(STRIP_VIEWS, settings.stripSize));
      worked(0, 'rendered the strip', bytes);
      return { bytes, contentType: 'image/png' };
    },
    turntable: async () => ({ bytes: await encodeWebp(await turntable()), contentType: 'image/webp' }),
    async mp4() {
      const bytes = await studio.make({ kind: 'mp4', frames: await turntable() });
      return { bytes, contentType: 'video/mp4' };
    },
    glb: fromTextured('model/gltf-binary', encodeGlb),
    obj: fromTextured('application/zip', encodeObj),
    usdz: fromTextured('model/vnd.usdz+zip', encodeUsdz),
    ply: fromColoured('application/octet-stream', encodePly),
    stl: fromColoured('model/stl', encodeStl),
    splat: fromColoured('application/octet-stream', encodeSplats),
    trigrid: async () => ({ bytes: markSafetensors(portrait), contentType: 'application/octet-stream' }),
  };
  // Meshes take longest and keep one thread: they are begun first.
  const meshesFirst = [...TEXTURED, ...COLOURED, ...OUTPUTS].filter((output) => wanted.includes(output));
  const files = await Promise.all(
    [...new Set(meshesFirst)].map(async (output): Promise<[string, StageOutput]> => [
      OUTPUT_FILES[output],
      await makers[output](),
    ]),
  );
  return Object.fromEntries(files);
}

type Bytes = Uint8Array | Promise<Uint8Array>;

/** Work of some outputs together, in pixels of a picture; what two have in common counts twice. */
function workOf(wanted: readonly Output[], settings: StageSettings['render']): number {
  const any = (...some: readonly Output[]) => some.some((output) => wanted.includes(output));
  return (
    1 +
    (any('front') ? settings.frontSize ** 2 : 0) +
    (any('strip') ? STRIP_VIEWS * settings.stripSize ** 2 : 0) +
    (any(...TURNTABLES) ? settings.turntableFrames * settings.turntableSize ** 2 : 0) +
    (any(...TEXTURED, ...COLOURED) ? MESH_WORK : 0)
  );
}

/** A function that works when first called, and gives the same ever after. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  return onceEach(work);
}

/** A function that works when first called with some numbers, and gives the same for them ever after. */
function onceEach<A extends number[], T>(work: (...numbers: A) => Promise<T>): (...numbers: A) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (...numbers) => {
    const key = numbers.join();
    const result = results.get(key) ?? work(...numbers);
    results.set(key, result);
    return result;
  };
}
