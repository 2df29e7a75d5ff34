import { Assets, type Mip, type Proxy, type Texture } from './assets/index.ts';
import {
  bodyArms,
  createFields,
  fitProxy,
  headFrame,
  lowerArms,
  morph,
  probeHead,
  proxyWeight,
  type ArmWeights,
  type FieldName,
  type HeadFrame,
  type HeadProbe,
} from './body/index.ts';
import {
  bareTopParts,
  beardParts,
  crease,
  curlTexture,
  cropParts,
  dye,
  earringParts,
  eyeShadowPart,
  glassesParts,
  grownHairParts,
  hatParts,
  isBareTop,
  knitTopParts,
  lipsPart,
  necklaceParts,
  skinPart,
  strandTexture,
  strokeTexture,
  tuckUnderHat,
  vertexNormals,
  grow,
  wave,
  widenTail,
  wornPart,
  wrapParts,
  type Figure,
  type HairTextures,
  type Worn,
} from './parts/index.ts';
import type { Look, ProxyUse } from './people/look.ts';
import { FABRIC } from './people/palette.ts';
import { assemble, bakeLight, type Part, type Scene } from './render/index.ts';

/** How far below the middle of the head (world units) geometry is kept. */
const DEPTH = 0.8;

/** The brown irises of the data are too red and too dark. */
function retouchBrownEye({ pixels }: Mip): void {
  for (let i = 0; i < pixels.length; i += 4) {
    const green = pixels[i + 1];
    if (pixels[i] > 1.45 * green) pixels[i] = Math.min(255, 1.45 * green + 4);
    if (pixels[i + 2] < 0.6 * green) pixels[i + 2] = 0.6 * green;
    const light = 0.3 * pixels[i] + 0.6 * green + 0.1 * pixels[i + 2];
    const k = light < 22 || light >= 120 ? 1 : 1.55 - 0.55 * (light / 120);
    for (let c = i; c < i + 3; c++) pixels[c] = Math.min(255, pixels[c] * k);
  }
}

/** Builds people: morphs the body, dresses it and bakes the light. */
export class Studio {
  readonly assets: Assets;
  readonly #probe: HeadProbe;
  readonly #restFrame: HeadFrame;
  readonly #field: (name: FieldName) => Float32Array;
  readonly #strokes = strokeTexture();
  readonly #hair: HairTextures = { curls: curlTexture(), strands: strandTexture() };
  readonly #arms = new Map<Proxy, ArmWeights>();

  private constructor(assets: Assets) {
    this.assets = assets;
    this.#probe = probeHead(assets.base);
    this.#restFrame = headFrame(assets.base, this.#probe, assets.base.vertices);
    this.#field = createFields(assets.base, assets.targets);
  }

  static async open(cache: string): Promise<Studio> {
    return new Studio(await Assets.open(cache));
  }

  /** A lit scene of one person, head height 0.46, origin in the middle of the head. */
  async build(look: Look): Promise<Scene> {
    const { base, targets } = this.assets;
    const vertices = morph(base, targets, look.shape);
    const frame = headFrame(base, this.#probe, vertices);
    const worn = await Promise.all(look.proxies.map((use) => this.#fit(use, vertices, frame)));
    const inward = 0.1 + 0.1 * (1 - look.shape.gender);
    lowerArms(vertices, bodyArms(base), frame, inward);
    for (const { use, proxy, positions } of worn) {
      if (use.surface === 'cloth') lowerArms(positions, this.#armsOf(proxy), frame, inward);
      if (use.volume !== undefined) grow(positions, use.volume, frame);
      if (use.tail !== undefined) widenTail(positions, use.tail, frame);
      if (use.wave !== undefined) wave(positions, use.wave, frame, use.curl);
    }
    const figure: Figure = {
      base,
      vertices,
      normals: vertexNormals(vertices, base.topology, (t) => base.topology.group[t] === base.bodyGroup),
      frame,
      restFrame: this.#restFrame,
      lowest: frame.centre[1] - DEPTH / frame.scale,
      field: this.#field,
    };
    const scene = assemble(await this.#parts(figure, look, worn), frame.centre, frame.scale);
    bakeLight(scene, look.light);
    return scene;
  }

  async #parts(figure: Figure, look: Look, worn: readonly Worn[]): Promise<Part[]> {
    const { texture, creases } = look.skin;
    const retouch = creases > 0 ? (image: Mip) => crease(this.assets.base, creases, image) : undefined;
    const skin = await this.assets.skin(texture, retouch, creases > 0 ? String(creases) : '');
    const proxies = worn.map(({ proxy }) => proxy);
    const clothes = worn.filter(({ use }) => use.surface === 'cloth').map(({ proxy }) => proxy);
    const parts = [skinPart(figure, look, skin, proxies, clothes)];
    if (look.lips) parts.push(lipsPart(figure, look.lips, skin));
    if (look.eyeShadow) parts.push(eyeShadowPart(figure, look.eyeShadow));
    if (look.top)
      parts.push(...(isBareTop(look.top) ? bareTopParts(figure, look.top) : knitTopParts(figure, look.top)));
    const headwear = look.wrap ? wrapParts(figure, look.wrap) : look.hat ? hatParts(figure, look.hat) : [];
    parts.push(...headwear);
    const locks = worn.filter(({ use }) => use.surface === 'hair').map(({ positions }) => positions);
    tuckHair(locks, worn, headwear, figure.frame);
    if (look.beard) parts.push(...beardParts(figure, look.beard, this.#strokes));
    if (look.crop) parts.push(...cropParts(figure, look.crop, this.#strokes));
    if (look.grown) {
      const grown = grownHairParts(figure, look.grown, this.#hair);
      tuckHair(
        grown.map(({ positions }) => positions),
        worn,
        headwear,
        figure.frame,
      );
      parts.push(...grown);
    }
    for (const item of worn) parts.push(wornPart(item, figure.frame, figure.lowest));
    if (look.earrings) parts.push(...earringParts(figure, look.earrings));
    if (look.necklace) parts.push(...necklaceParts(figure, look.necklace));
    if (look.glasses) parts.push(...glassesParts(figure, look.glasses));
    return parts;
  }

  /** Fits a proxy in the rest pose, in which it was bound. */
  async #fit(use: ProxyUse, vertices: Float32Array, frame: HeadFrame): Promise<Worn> {
    const proxy = this.assets.proxy(use.key);
    const variant = proxy.materials.find(({ name }) => name === use.variant) ?? proxy.materials[0];
    const texture = variant?.file ? await this.#textureOf(use, variant.file) : null;
    const ratio = use.surface === 'cloth' ? ([1, 1, 1] as const) : frame.ratio;
    return { use, proxy, texture, positions: fitProxy(proxy, vertices, [...ratio]) };
  }

  #textureOf({ surface, variant, dye: wanted }: ProxyUse, file: string): Promise<Texture> {
    if (variant?.startsWith('brown') && surface === 'eye') return this.assets.texture(file, retouchBrownEye);
    if (!wanted) return this.assets.texture(file);
    const { garment, first, second } = wanted;
    const retouch = (image: Mip): void => dye(garment, FABRIC[first], FABRIC[second], image);
    return this.assets.texture(file, retouch, `${first} ${second}`);
  }

  #armsOf(proxy: Proxy): ArmWeights {
    let arms = this.#arms.get(proxy);
    if (!arms) {
      const { leftArm, rightArm } = this.assets.base;
      arms = { left: proxyWeight(proxy, leftArm), right: proxyWeight(proxy, rightArm) };
      this.#arms.set(proxy, arms);
    }
    return arms;
  }
}

/** Keeps hair inside whatever is worn on the head. */
function tuckHair(
  hair: readonly Float32Array[],
  worn: readonly Worn[],
  headwear: readonly Part[],
  frame: HeadFrame,
): void {
  const hats = worn.flatMap(({ use, proxy, positions }) => {
    const { source, triangles } = proxy.topology;
    return use.surface === 'hat' ? [{ positions, triangles: triangles.map((v) => source[v]) }] : [];
  });
  for (const hat of [...hats, ...headwear]) {
    for (const positions of hair) tuckUnderHat(positions, hat.positions, hat.triangles, frame.centre);
  }
}
