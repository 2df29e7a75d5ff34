import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  OUTPUTS,
  stageOutputs,
  VIEW_FILE,
  type Stage as StageName,
  type Warning,
} from '../../shared/index.ts';
import { stages, warm, type ProgressDetail, type StageResult } from './index.ts';
import { decodeSafetensors } from '../weights/index.ts';
import { decodePicture } from './picture-codecs.ts';
import { decodePictures } from './pictures-file.ts';
import { loadModels, type Models } from './models.ts';
import { TINY, writeRandomProfile } from './testing/random-profile.ts';
import { decodeTrigrid } from './trigrid-file.ts';
import { INSIDE, repainted } from './views/repainted.ts';

let folder: string;
let models: Models;
const artifacts: Record<string, Uint8Array> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stages-'));
  await writeRandomProfile(folder, TINY);
  models = await loadModels(folder, { threads: 2 });
}, 60_000);

afterAll(async () => {
  await models?.close();
  await rm(folder, { recursive: true, force: true });
});

const GUIDED = { prompt: 'a woman with a purple beard', negative_prompt: '', seed: 5, quality: 'standard' };
const PARAMS: Record<StageName, object> = {
  imagine: { ...GUIDED, candidates: 2 },
  invert: { seed: 5, quality: 'standard' },
  distill: GUIDED,
  refine: GUIDED,
  render: { quality: 'standard', outputs: [...OUTPUTS] },
};

interface Observed extends StageResult {
  progress: { fraction: number; detail?: ProgressDetail }[];
  warnings: Warning[];
}

/** A run of a stage whose checkpoints go to `slot`; it is stopped once `stopAt` steps are done. */
async function run(
  stage: StageName,
  slot: { bytes?: Uint8Array } = {},
  stopAt = Infinity,
): Promise<Observed> {
  const abort = new AbortController();
  const progress: Observed['progress'] = [];
  const warnings: Warning[] = [];
  const result = await stages[stage](models, {
    params: PARAMS[stage],
    inputs: artifacts,
    signal: abort.signal,
    progress(fraction, detail) {
      progress.push({ fraction, detail });
      if ((detail?.step ?? 0) >= stopAt) abort.abort(new Error('stopped by the test'));
    },
    warn: (warning) => warnings.push(warning),
    checkpoint: {
      load: async () => slot.bytes,
      save: async (bytes) => {
        slot.bytes = bytes;
      },
    },
  });
  return { ...result, progress, warnings };
}

describe('the stages, one after the other, on tiny networks', () => {
  it.each(['imagine', 'invert', 'distill', 'refine', 'render'] as const)(
    '%s',
    { timeout: 300_000 },
    async (stage) => {
      const result = await run(stage);
      expect(Object.keys(result.outputs).toSorted()).toEqual([...stageOutputs(stage, OUTPUTS)].toSorted());
      for (const [name, { bytes }] of Object.entries(result.outputs)) artifacts[name] = bytes;

      const fractions = result.progress.map(({ fraction }) => fraction);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBeCloseTo(1);
      for (const { detail } of result.progress) {
        if (detail?.preview) expect((await sharp(detail.preview).metadata()).format).toBe('png');
      }
      expect(result.progress.some(({ detail }) => detail?.preview)).toBe(true);
      for (const value of Object.values(result.metrics)) expect(value).toSatisfy(Number.isFinite);
    },
  );

  it('imagine warns of words that the model does not know', async () => {
    const { warnings } = await run('imagine');
    expect(warnings).toEqual([expect.objectContaining({ code: 'unknown_words', words: ['purple'] })]);
    expect(warnings[0].detail).toContain('"purple"');
  });

  it('imagine draws with networks opened before what it draws with its own', async () => {
    await warm(models);
    const { outputs } = await run('imagine');
    expect(Buffer.from(outputs['image'].bytes).equals(artifacts['image'])).toBe(true);
  });

  it('imagine draws a picture with alpha and tells the camera', async () => {
    const imagined = JSON.parse(new TextDecoder().decode(artifacts['imagined.json'])) as Record<
      string,
      unknown
    >;
    expect(imagined['camera']).toHaveLength(25);
    expect(imagined['candidates']).toHaveLength(2);
    const { channels, width } = await sharp(artifacts['image']).metadata();
    expect([channels, width]).toEqual([4, 64]);
  });

  it('imagine draws details again in the best picture, and leaves its outline and the other candidates', async () => {
    const plain = join(folder, 'plain');
    await writeRandomProfile(plain, { ...TINY, diffusion: { ...TINY.diffusion, restorers: {} } });
    const whole = models;
    models = await loadModels(plain, { threads: 2 });
    const { outputs } = await run('imagine');
    await models.close();
    models = whole;
    expect(Buffer.from(outputs['candidates'].bytes).equals(artifacts['candidates'])).toBe(true);
    const [before, after] = await Promise.all(
      [outputs['image'].bytes, artifacts['image']].map((png) => sharp(png).raw().toBuffer()),
    );
    const changed = (c: number) =>
      Array.from({ length: 64 * 64 }, (_, i) => 4 * i + c).filter((i) => before[i] !== after[i]).length;
    expect(changed(0)).toBeGreaterThan(500);
    expect(changed(3)).toBe(0);
  });

  it('the later stages change the tri-grid, and keep its latent', () => {
    const { levels, ws } = decodeTrigrid(artifacts['trigrid']);
    expect([...levels.keys()]).toEqual(['trigrids_8', 'trigrids_16', 'trigrids_32']);
    expect(ws.shape).toEqual([1, 4, 16]);
  });

  it('refine adds views of the other sides to the picture that was inverted, with which the list begins', async () => {
    const [first, ...others] = decodePictures(artifacts['pictures']);
    const azimuths = others.map(({ label }) => Math.round((180 * Math.atan2(label[3], label[11])) / Math.PI));
    expect(azimuths).toEqual([90, -90, 180]);
    const { data } = await decodePicture(artifacts['image']);
    const apart = first.picture.data.map((x, i) => Math.abs(x - data[i]));
    expect(apart.reduce((a, b) => Math.max(a, b))).toBeLessThan(1 / 250);
  });

  it('what is inferred of the sides that the picture hides changes as the tri-grid does, and not without it', async () => {
    const { outputs } = await run('invert');
    const [front] = decodePictures(outputs['pictures'].bytes);
    const before = decodeTrigrid(outputs['trigrid'].bytes);
    const [same] = await repainted(models, [front], before, before);
    expect(same).toEqual(front);
    // A side that sees the far surface from where the picture is taken changes as that does.
    const { size, far, colours } = front.hidden!;
    const alpha = new Float32Array(size * size).fill(0.5);
    const side = {
      label: front.label,
      size,
      depths: far.map((depth) => depth - 2 * INSIDE),
      picture: Float32Array.of(...colours, ...alpha),
    };
    const after = decodeTrigrid(artifacts['trigrid']);
    const [changed] = await repainted(models, [{ ...front, sides: [side] }], before, after);
    expect(changed.hidden!.far).toEqual(far);
    expect(changed.hidden!.colours).not.toEqual(colours);
    const wanted = [...changed.hidden!.colours, ...alpha];
    changed.sides![0].picture.forEach((x, i) => expect(Math.abs(x - wanted[i])).toBeLessThan(1e-3));
  });

  it('the file of the portrait holds its tri-grid, its pictures and what is inferred of them', () => {
    const { tensors } = decodeSafetensors(artifacts['trigrid.safetensors']);
    expect([...tensors.keys()]).toEqual([
      ...decodeSafetensors(artifacts['trigrid']).tensors.keys(),
      'pictures',
      'cameras',
      'hidden.depths',
      'hidden.colours',
      'sides.pictures',
      'sides.depths',
      'sides.cameras',
    ]);
  });

  it('render makes what viewers can open', async () => {
    const turntable = await sharp(artifacts['turntable.webp'], { animated: true }).metadata();
    expect([turntable.pages, turntable.width]).toEqual([4, 24]);
    const strip = await sharp(artifacts['strip.png']).metadata();
    expect([strip.width, strip.height]).toEqual([8 * 24, 24]);
    const glb = Buffer.from(artifacts['portrait.glb']);
    expect(glb.toString('latin1', 0, 4)).toBe('glTF');
  });
});

const view = async (yaw: number, pitch: number) => {
  const { outputs } = await stages.render(models, {
    params: { quality: 'standard', outputs: [], view: { yaw, pitch } },
    inputs: artifacts,
    signal: new AbortController().signal,
    progress: () => {},
    warn: () => {},
    checkpoint: { load: async () => undefined, save: async () => {} },
  });
  expect(Object.keys(outputs)).toEqual([VIEW_FILE]);
  return outputs[VIEW_FILE].bytes;
};

it('render draws a single view, and nothing else, when one is asked for', async () => {
  const side = await view(40, 10);
  expect(await sharp(side).metadata()).toMatchObject({ format: 'png', width: 32, height: 32 });
  expect(Buffer.compare(side, await view(-40, 10))).not.toBe(0);
}, 60_000);

it('render is stopped while it draws, with the reason it was stopped for', async () => {
  const abort = new AbortController();
  const stopped = stages.render(models, {
    params: PARAMS.render,
    inputs: artifacts,
    signal: abort.signal,
    progress: (_, detail) => {
      if (detail?.message === 'rendering views') abort.abort(new Error('stopped by the test'));
    },
    warn: () => {},
    checkpoint: { load: async () => undefined, save: async () => {} },
  });
  await expect(stopped).rejects.toThrow('stopped by the test');
});

describe.each(['invert', 'distill', 'refine'] as const)('%s', (stage) => {
  it('stopped and resumed gives the same bytes as in one go', { timeout: 300_000 }, async () => {
    const whole = await run(stage);
    const slot: { bytes?: Uint8Array } = {};
    await expect(run(stage, slot, 5)).rejects.toThrow('stopped by the test');
    expect(slot.bytes).toBeDefined();
    const resumed = await run(stage, slot);
    expect(resumed.progress[0].detail?.step).toBe(4);
    expect(Buffer.from(resumed.outputs['trigrid'].bytes).equals(whole.outputs['trigrid'].bytes)).toBe(true);
  });
});
