import { expect, test } from 'vitest';
import { compile, float32, hostTensor, input, openSession } from '../graph/index.ts';
import { initialise, Random, storedParameters, traceParameters } from '../nn/index.ts';
import { drawSideView, SIDE_DEPTH_GAIN, SIDE_VIEW_PLANES, type SideViewConfig } from './index.ts';

const SIDE = 32;
const AREA = SIDE * SIDE;
const CONFIG: SideViewConfig = {
  imageSize: SIDE,
  patch: 4,
  channels: [4, 6],
  decoder: { stem: 3, channels: [5, 4] },
};
const SHAPE = [2, SIDE_VIEW_PLANES, SIDE, SIDE];

test('draws at first what is known of a side', async () => {
  const specs = traceParameters((p) => drawSideView(p, CONFIG, input('seen', SHAPE)).depth);
  const drawn = drawSideView(storedParameters(initialise(specs, 1)), CONFIG, input('seen', SHAPE));
  const session = await openSession(compile({ ...drawn }), { inline: true });
  const seen = new Random(1).normals(2 * SIDE_VIEW_PLANES * AREA);
  const { colour, alpha, depth } = await session.run({ seen: hostTensor(seen, SHAPE) });
  await session.close();
  expect(colour.shape).toEqual([2, 3, SIDE, SIDE]);
  const second = SIDE_VIEW_PLANES * AREA;
  expect(float32(colour).subarray(3 * AREA)).toEqual(seen.slice(second, second + 3 * AREA));
  expect(float32(alpha).subarray(AREA)).toEqual(seen.slice(second + 3 * AREA, second + 4 * AREA));
  const depths = seen.slice(second + 4 * AREA, second + 5 * AREA).map((x) => x / SIDE_DEPTH_GAIN);
  expect(float32(depth).subarray(AREA)).toEqual(depths);
});
