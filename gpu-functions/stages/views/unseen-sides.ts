import { float32, hostTensor, input } from '../../graph/index.ts';
import { paintView, type ViewPainterConfig } from '../../portrait/index.ts';
import type { Lanes, Models } from '../models.ts';
import { onceIdle } from '../once-idle.ts';
import { emptyPicture, type Picture } from '../picture.ts';
import { toVaeImage } from '../vae-pictures.ts';
import { markedPoints } from './density-grid.ts';
import { viewLabel } from './orbit.ts';
import { projectedPicture, projections, type ProjectedPicture } from './projected-picture.ts';
import { voxelView } from './voxel-view.ts';
import type { Voxels } from './voxels.ts';

const NETWORK = 'view-painter';

/** Azimuth and elevation in degrees of the views that are painted, those that count most first. */
const VIEWS = [
  [80, 5],
  [-80, 5],
  [180, 5],
  [130, 5],
  [-130, 5],
] as const;

/**
 * Paints what a portrait's pictures do not show: views of it are drawn as they would be by a network that has seen such views beside true ones, and what
 * they show becomes the colour of the voxels, which pictures are laid over. Nothing where the profile has no such network.
 *
 * @param voxels with the pictures laid over them; their colours are written to
 */
export async function paintUnseenSides(models: Models, voxels: Voxels, signal: AbortSignal): Promise<void> {
  if (!(NETWORK in models.profile.manifest.networks)) return;
  const config = models.profile.config<ViewPainterConfig>(NETWORK);
  const lanes = await painterLanes(models, config);
  const views = await Promise.all(
    VIEWS.map(async ([azimuth, elevation]) => {
      const label = viewLabel(models.generator.camera, azimuth, elevation);
      const view = await onceIdle(() => voxelView(voxels, label, config.imageSize));
      signal.throwIfAborted();
      return projectedPicture(await painted(lanes, view), view, label);
    }),
  );
  layOver(voxels, views);
}

function painterLanes(models: Models, config: ViewPainterConfig): Promise<Lanes> {
  return models.lanes(NETWORK, async () => {
    const image = input('image', shapeOf(config.imageSize));
    const { colour } = paintView(await models.parameters(NETWORK), config, image);
    return { colour };
  });
}

const shapeOf = (size: number): number[] => [1, 4, size, size];

/** A view in the colours that it is painted in; its outline stays. */
async function painted(lanes: Lanes, view: Picture): Promise<Picture> {
  const { width, height, data } = view;
  const [found] = await lanes.run([{ image: hostTensor(toVaeImage(view), shapeOf(width)) }]);
  const colours = float32(found['colour']);
  const area = width * height;
  const out = emptyPicture(width, height);
  const alpha = data.subarray(3 * area);
  out.data.set(alpha, 3 * area);
  for (let i = 0; i < 3 * area; i++)
    out.data[i] = Math.min(1, Math.max(0, (colours[i] + 1) / 2)) * alpha[i % area];
  return out;
}

/** Gives the points that were decoded the colours that views show of them, as far as they do. */
function layOver(
  { density: { size, origin, spacing }, colours, decoded }: Voxels,
  views: readonly ProjectedPicture[],
): void {
  const [nx, ny] = size;
  const lookUp = projections(views);
  const shown = new Float64Array(3);
  for (const index of markedPoints(decoded)) {
    const row = Math.floor(index / nx);
    const slice = Math.floor(row / ny);
    shown.fill(0);
    const share = lookUp(
      origin[0] + spacing * (index - row * nx),
      origin[1] + spacing * (row - slice * ny),
      origin[2] + spacing * slice,
      shown,
    );
    if (share === 0) continue;
    for (let c = 0; c < 3; c++) {
      const at = 3 * index + c;
      colours[at] = 255 * shown[c] + (1 - share) * colours[at];
    }
  }
}
