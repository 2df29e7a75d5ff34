import {
  add,
  compile,
  constant,
  evaluate,
  float32,
  hostTensor,
  input,
  mul,
  openSession,
  sum,
  zeros,
  type Value,
} from '../../../gpu-functions/graph/index.ts';
import { Random } from '../../../gpu-functions/nn/index.ts';
import {
  broadcastLatent,
  cameraLabel,
  cameraRays,
  encodePortrait,
  levelSizes,
  lookAtMatrix,
  pinhole,
  pixelCentres,
  pyramidTables,
  renderRays,
  rowsOfW,
  samplePlanes,
  synthesisePyramid,
  tableField,
  type Pyramid,
} from '../../../gpu-functions/portrait/index.ts';
import { decode } from '../../../gpu-functions/portrait/decoder.ts';
import { loadModels } from '../../../gpu-functions/stages/index.ts';

export interface FastError {
  readonly finest: number;
  readonly mode: 'exact' | 'fast';
  /** Differences of colours from those of level by level sampling, in units of the picture's range. */
  readonly rms: number;
  readonly worst: number;
}

/**
 * How far a picture of the bundled generator is from one sampled level by level: with its own levels, and with finer ones of zeros
 * beside them, where the collapsed planes resolve its kinks better.
 */
export async function fastErrors(size: number, finer: readonly number[]): Promise<FastError[]> {
  const models = await loadModels('mini', { threads: 1 });
  const { generator: config, encoder } = models;
  const p = await models.parameters('generator');
  const image = constant(
    hostTensor(new Float32Array(4 * encoder.imageSize ** 2).fill(0.3), [
      1,
      4,
      encoder.imageSize,
      encoder.imageSize,
    ]),
  );
  const { w } = encodePortrait(await models.parameters('encoder'), encoder, image);
  const own = synthesisePyramid(p.at('backbone.synthesis'), config, broadcastLatent(w, rowsOfW(config)));
  const named = Object.fromEntries(own.map((level, i) => [`level${i}`, level]));
  const made = await evaluate(named);
  const { camera, rendering, depth } = config;
  const [x, y, z] = camera.lookAt;
  const label = cameraLabel(lookAtMatrix([x, y, z + camera.radius], camera.lookAt), pinhole(camera.focal));
  const random = new Random(1);
  const draws = {
    jitter: constant(
      hostTensor(random.uniforms(size * size * rendering.samples), [1, size * size, rendering.samples]),
    ),
    u: constant(
      hostTensor(random.uniforms(size * size * rendering.importanceSamples), [
        1,
        size * size,
        rendering.importanceSamples,
      ]),
    ),
  };
  const rays = cameraRays(constant(hostTensor([...label], [1, 25])), constant(pixelCentres(size)));
  const results: FastError[] = [];
  for (const side of [levelSizes(config).at(-1)!, ...finer]) {
    const levels = extended(made, own, side);
    const pictureOf = async (field: Parameters<typeof renderRays>[0]): Promise<Float32Array> => {
      const { features } = renderRays(field, rays, draws, rendering);
      const session = await openSession(compile({ features }), { inline: true });
      const out = await session.run(made);
      await session.close();
      return float32(out.features);
    };
    const reference = await pictureOf((points) => {
      const samples = levels.map((level) => sum(samplePlanes(level, points, depth, rendering.boxWarp), [2]));
      const mean = mul(
        samples.reduce((a, b) => add(a, b)),
        1 / (3 * levels.length),
      );
      return decode(p.at('decoder'), config, mean);
    });
    const range = reference.reduce((a, b) => Math.max(a, b)) - reference.reduce((a, b) => Math.min(a, b));
    for (const mode of ['exact', 'fast'] as const) {
      const found = await pictureOf(tableField(p, config, pyramidTables(levels, depth, mode, rendering)));
      let [squares, worst] = [0, 0];
      found.forEach((v, i) => {
        const d = Math.abs(v - reference[i]) / range;
        squares += d * d;
        worst = Math.max(worst, d);
      });
      results.push({ finest: side, mode, rms: Math.sqrt(squares / found.length), worst });
    }
  }
  await models.close();
  return results;
}

/** The levels as inputs, and finer ones of zeros; scaled so that the mean over all is what it was. */
function extended(made: Record<string, unknown>, own: Pyramid, finest: number): Value[] {
  const levels = Object.keys(made).map((name, i) => input(name, own[i].shape));
  const [n, planes, channels, last] = own[own.length - 1].shape;
  const count = own.length + Math.log2(finest / last);
  const scaled = levels.map((level) => mul(level, count / own.length));
  for (let side = 2 * last; side <= finest; side *= 2) scaled.push(zeros([n, planes, channels, side, side]));
  return scaled;
}
