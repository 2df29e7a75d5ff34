import { describe, expect, test } from 'vitest';
import { compile, float32, gradients, hostTensor, input, mul, openSession, sum } from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../nn/index.ts';
import type { Parameters } from '../nn/index.ts';
import { frontCoverage } from './detail-encoder.ts';
import { encodeWithDetail, MINI, orbitCamera, type EncoderConfig } from './index.ts';

const ENCODER: EncoderConfig = {
  imageSize: 16,
  patch: 4,
  channels: [4, 4],
  wDim: 8,
  detail: { stem: 2, channels: [4, 4], across: 2, hidden: 4, depthTexels: 4 },
};
const GENERATOR = { ...MINI, wDim: 8, features: 2 };
const SHAPE = [1, 4, 16, 16];

const detailOf = (p: Parameters) => encodeWithDetail(p, ENCODER, GENERATOR, input('image', SHAPE)).detail!;
const withPatch2 = (p: Parameters) =>
  encodeWithDetail(p, { ...ENCODER, patch: 2 }, GENERATOR, input('image', SHAPE)).detail!;
const specs = traceParameters(detailOf);

describe('encodeWithDetail', () => {
  test('draws a level of the side of the picture', () => {
    const weights = storedParameters(initialise(specs, 1));
    expect(detailOf(weights).shape).toEqual([1, 3, 6, 16, 16]);
  });

  test('has the gradient that finite differences have', async () => {
    const random = new Random(2);
    const weights = new Map(
      [...initialise(specs, 1)].map(([name, { shape, data }]) => [
        name,
        hostTensor(
          (data as Float32Array).map((x) => x + 0.3 * random.normal()),
          shape,
        ),
      ]),
    );
    const image = input('image', SHAPE);
    const detail = encodeWithDetail(storedParameters(weights), ENCODER, GENERATOR, image).detail!;
    const towards = hostTensor(random.normals(3 * 6 * 256), detail.shape);
    const loss = sum(mul(detail, input('towards', detail.shape)));
    const [gradient] = gradients([loss], [image]);
    const session = await openSession(compile({ loss, gradient }), { inline: true });
    const at = random.normals(1024);
    const direction = random.normals(1024);
    const lossAt = async (step: number): Promise<number> => {
      const moved = hostTensor(
        at.map((x, i) => x + step * direction[i]),
        SHAPE,
      );
      return float32((await session.run({ image: moved, towards })).loss)[0];
    };
    const slope = float32((await session.run({ image: hostTensor(at, SHAPE), towards })).gradient).reduce(
      (total, g, i) => total + g * direction[i],
      0,
    );
    const step = 1e-3;
    const difference = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    expect(Math.abs(slope / difference - 1)).toBeLessThan(5e-3);
    await session.close();
  });

  test('says which encoder it needs', () => {
    expect(() => traceParameters(withPatch2)).toThrow(/patch 4/);
  });
});

describe('frontCoverage', () => {
  test('brings each texel the pixel that a frontal camera sees at its place', () => {
    const label = orbitCamera({ ...MINI.camera, azimuth: 0, elevation: 0 });
    const { rows, columns } = frontCoverage(MINI.camera, MINI.rendering.boxWarp, 128, 128);
    const depth = 0.15;
    for (const [column, row] of [
      [40, 90],
      [64, 64],
      [80, 30],
    ]) {
      const [x, y] = [column, row].map((texel) => ((texel + 0.5) / 128 - 0.5) * MINI.rendering.boxWarp);
      // OpenCV's axes: the columns of the label's rotation are right, down and forward.
      const offset = [x - label[3], y - label[7], depth - label[11]];
      const along = (axis: number) => offset.reduce((total, o, i) => total + o * label[4 * i + axis], 0);
      const [u, v] = [0, 1].map((axis) => 0.5 + (MINI.camera.focal * along(axis)) / along(2));
      expect(centre(columns, column)).toBeCloseTo(u, 5);
      expect(centre(rows, row)).toBeCloseTo(v, 5);
    }
  });
});

/** Centre of gravity of a row of a matrix with 128 columns, over their number. */
function centre({ data }: { data: Float32Array }, row: number): number {
  const weights = data.subarray(128 * row, 128 * (row + 1));
  return weights.reduce((total, w, j) => total + w * (j + 0.5), 0) / 128;
}
