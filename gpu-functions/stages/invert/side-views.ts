import { float32, hostTensor, input, type Session } from '../../graph/index.ts';
import { drawSideView, SIDE_AZIMUTHS, SIDE_VIEW_PLANES, type SideViewConfig } from '../../portrait/index.ts';
import type { Models } from '../models.ts';
import { mirrored, shrunk } from '../planes.ts';
import { toUnit, toVaeImage } from '../vae-pictures.ts';
import { viewLabel } from '../views/orbit.ts';
import { BothSides, type HiddenSide } from '../views/hidden-side.ts';
import type { PosedPicture } from '../views/posed-picture.ts';
import { projectedSides } from '../views/projected-sides.ts';
import type { SideView } from '../views/side-views.ts';

const NETWORK = 'side-view';

/** Of what the network sees: all sides at once. */
const shapeOf = (size: number): number[] => [SIDE_AZIMUTHS.length, SIDE_VIEW_PLANES, size, size];

/** The profile's network that draws sides, of which it may have none. */
export function sideViewSession(models: Models): Promise<Session> | undefined {
  if (!(NETWORK in models.profile.manifest.networks)) return undefined;
  const config = models.profile.config<SideViewConfig>(NETWORK);
  const seen = input('seen', shapeOf(config.imageSize));
  return models.session(
    NETWORK,
    async () => ({ ...drawSideView(await models.parameters(NETWORK), config, seen) }),
    'once',
  );
}

/**
 * What somebody looks like from both sides; nothing where the profile has no network that draws it. The network draws the left side: the right one is that of
 * the mirror image.
 */
export async function sideViewsOf(
  models: Models,
  front: PosedPicture,
  hidden: HiddenSide,
): Promise<readonly SideView[] | undefined> {
  const session = await sideViewSession(models);
  if (!session) return undefined;
  const size = models.profile.config<SideViewConfig>(NETWORK).imageSize;
  const { camera } = models.generator;
  const labels = SIDE_AZIMUTHS.map((azimuth) => viewLabel(camera, azimuth));
  const picture = shrunk(toVaeImage(front.picture), front.picture.width, size);
  const area = size * size;
  const seen = new Float32Array(SIDE_AZIMUTHS.length * SIDE_VIEW_PLANES * area);
  const sides = new BothSides(front, hidden);
  labels.forEach((label, i) => {
    const planes = [projectedSides(sides, label, camera.radius, size), picture];
    const [from, own] = i === 0 ? planes : planes.map((each) => mirrored(each, size));
    seen.set(from, i * SIDE_VIEW_PLANES * area);
    seen.set(own, i * SIDE_VIEW_PLANES * area + from.length);
  });
  const drawn = await session.run({
    seen: hostTensor(seen, shapeOf(size)),
  });
  return labels.map((label, i) => {
    const of = (name: string, channels: number): Float32Array => {
      const planes = float32(drawn[name]).subarray(i * channels * area, (i + 1) * channels * area);
      return i === 0 ? planes.slice() : mirrored(planes, size);
    };
    const pictured = new Float32Array(4 * area);
    pictured.set(of('colour', 3).map(toUnit));
    pictured.set(of('alpha', 1).map(toUnit), 3 * area);
    return { label, size, picture: pictured, depths: of('depth', 1).map((x) => x + camera.radius) };
  });
}
