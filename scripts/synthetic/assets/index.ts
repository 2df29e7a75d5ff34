import path from 'node:path';
import { fetchAssets } from './archive.ts';
import { loadBaseMesh, type BaseMesh } from './base-mesh.ts';
import { loadProxy, type Proxy } from './proxy.ts';
import { loadTargets, type Targets } from './targets.ts';
import { createTexture, decodeImage, type Mip, type Texture } from './texture.ts';

export { VERTICES, type BaseMesh } from './base-mesh.ts';
export { fetchAssets } from './archive.ts';
export { createTexture, type Mip, type Texture } from './texture.ts';
export type { Proxy } from './proxy.ts';
export type { Target, Targets } from './targets.ts';
export type { Topology } from './topology.ts';

/** The MakeHuman data, read on demand and kept. */
export class Assets {
  readonly base: BaseMesh;
  readonly targets: Targets;
  readonly #root: string;
  readonly #proxies = new Map<string, Proxy>();
  readonly #textures = new Map<string, Promise<Texture>>();

  private constructor(root: string) {
    this.#root = root;
    this.base = loadBaseMesh(root);
    this.targets = loadTargets(root);
  }

  /** Opens the data in the folder `cache`, fetching it first if it is not there. */
  static async open(cache: string): Promise<Assets> {
    return new Assets(await fetchAssets(cache));
  }

  /** A proxy such as `hair/short01`. */
  proxy(key: string): Proxy {
    let proxy = this.#proxies.get(key);
    if (!proxy) this.#proxies.set(key, (proxy = loadProxy(this.#root, key, this.base.vertices)));
    return proxy;
  }

  /** A texture file, retouched once on loading if asked; `version` tells several retouched versions of a file apart. */
  texture(file: string, retouch?: (image: Mip) => void, version = ''): Promise<Texture> {
    const key = `${file} ${version}`;
    let texture = this.#textures.get(key);
    if (!texture) {
      texture = decodeImage(file).then((image) => {
        retouch?.(image);
        return createTexture(image);
      });
      this.#textures.set(key, texture);
    }
    return texture;
  }

  /** A skin by `folder/file`, retouched as textures are. */
  skin(name: string, retouch?: (image: Mip) => void, version = ''): Promise<Texture> {
    const [folder, file] = name.split('/');
    return this.texture(
      path.join(this.#root, 'public/data/skins', folder, 'textures', file),
      retouch,
      version,
    );
  }
}
