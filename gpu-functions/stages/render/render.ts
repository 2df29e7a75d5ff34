import { setImmediate } from 'node:timers/promises';
import { stageParamsSchemas, VIEW_FILE, type Output } from '../../../shared/index.ts';
import { viewLabel } from '../views/orbit.ts';
import type { Models } from '../models.ts';
import { encodeOpaquePng, encodePng, tile, type Picture } from '../picture.ts';
import { settingsFor, type StageSettings } from '../settings.ts';
import { requireInput, type Stage, type StageContext, type StageOutput } from '../stage.ts';
import { decodeTrigrid } from '../trigrid-file.ts';
import { openScene } from '../views/scene.ts';
import { voxelView } from '../views/voxel-view.ts';
import { bakeVoxels, type Voxels } from '../views/voxels.ts';
import { encodeAnimation } from './animation.ts';
import { encodeGlb } from './glb.ts';
import { extractMesh } from './mesh.ts';

/** Views of the strip, 45° apart, from the front on. */
const STRIP_VIEWS = 8;

/** Share of the stage that baking takes. */
const BAKED = 0.3;

/** Work of a mesh in pixels of a picture. */
const MESH_COST = 500_000;

/** One turn of the turntable, in milliseconds. */
const TURN_MS = 4_000;

interface Job {
  models: Models;
  voxels: Voxels;
  settings: StageSettings['render'];
  context: StageContext;
  /** Tells that a share of this job is done. */
  advance(share: number, message: string, preview?: Uint8Array): void;
}

/**
 * Makes the files of a portrait: stills, a strip of views around it, a turntable, a mesh, the tri-grid itself. Only
 * those asked for. The networks are asked once, for voxels; the rest takes seconds, so there is no checkpoint.
 */
export const render: Stage = async (models, context) => {
  const params = stageParamsSchemas.render.parse(context.params);
  const settings = settingsFor(models.profile.manifest, 'render', params.quality);
  const bytes = requireInput(context, 'trigrid');
  context.progress(0, { message: 'baking the density' });
  const scene = await openScene(models, decodeTrigrid(bytes), settings.gridPoints);
  const voxels = await bakeVoxels(models, scene, context.signal);
  if (params.view) {
    const label = viewLabel(models.generator.camera, params.view.yaw, params.view.pitch);
    const picture = await encodePng(voxelView(voxels, label, settings.frontSize));
    return { outputs: { [VIEW_FILE]: { bytes: picture, contentType: 'image/png' } }, metrics: {} };
  }

  const makers: Record<Output, { cost: number; make(job: Job): Promise<StageOutput>; file: string }> = {
    front: { cost: settings.frontSize ** 2, make: makeFront, file: 'front.png' },
    strip: { cost: STRIP_VIEWS * settings.stripSize ** 2, make: makeStrip, file: 'strip.png' },
    turntable: {
      cost: settings.turntableFrames * settings.turntableSize ** 2,
      make: makeTurntable,
      file: 'turntable.webp',
    },
    glb: { cost: MESH_COST, make: makeMesh, file: 'portrait.glb' },
    trigrid: {
      cost: 0,
      make: async () => ({ bytes, contentType: 'application/octet-stream' }),
      file: 'trigrid.safetensors',
    },
  };
  const total = Math.max(
    1,
    params.outputs.reduce((sum, output) => sum + makers[output].cost, 0),
  );
  const outputs: Record<string, StageOutput> = {};
  let before = BAKED;
  for (const output of params.outputs) {
    const { cost, make, file } = makers[output];
    const part = ((1 - BAKED) * cost) / total;
    const start = before;
    outputs[file] = await make({
      models,
      voxels,
      settings,
      context,
      advance(share, message, preview) {
        context.progress(Math.min(1, start + part * share), { message, ...(preview && { preview }) });
        context.signal.throwIfAborted();
      },
    });
    before += part;
  }
  context.progress(1, { message: 'rendered' });
  return { outputs, metrics: {} };
};

async function view({ models, voxels, context }: Job, azimuth: number, size: number): Promise<Picture> {
  // Drawing keeps the thread busy: let signals and timers through between pictures.
  await setImmediate();
  context.signal.throwIfAborted();
  return voxelView(voxels, viewLabel(models.generator.camera, azimuth), size);
}

/** The front view with its alpha channel. */
async function makeFront(job: Job): Promise<StageOutput> {
  job.advance(0, 'rendering the front view');
  const bytes = await encodePng(await view(job, 0, job.settings.frontSize));
  job.advance(1, 'rendered the front view', bytes);
  return { bytes, contentType: 'image/png' };
}

async function makeStrip(job: Job): Promise<StageOutput> {
  const views: Picture[] = [];
  for (let i = 0; i < STRIP_VIEWS; i++) {
    job.advance(i / STRIP_VIEWS, `rendering view ${i + 1} of ${STRIP_VIEWS}`);
    views.push(await view(job, (360 * i) / STRIP_VIEWS, job.settings.stripSize));
  }
  const bytes = await encodeOpaquePng(tile(views, STRIP_VIEWS));
  job.advance(1, 'rendered the strip', bytes);
  return { bytes, contentType: 'image/png' };
}

async function makeTurntable(job: Job): Promise<StageOutput> {
  const { turntableFrames: count, turntableSize } = job.settings;
  const frames: Picture[] = [];
  for (let i = 0; i < count; i++) {
    job.advance(i / count, `rendering turntable frame ${i + 1} of ${count}`);
    frames.push(await view(job, (360 * i) / count, turntableSize));
  }
  const bytes = await encodeAnimation(frames, Math.round(TURN_MS / count));
  job.advance(1, 'rendered the turntable');
  return { bytes, contentType: 'image/webp' };
}

async function makeMesh(job: Job): Promise<StageOutput> {
  job.advance(0, 'extracting the mesh');
  const bytes = await encodeGlb(extractMesh(job.voxels, job.settings));
  job.advance(1, 'extracted the mesh');
  return { bytes, contentType: 'model/gltf-binary' };
}
