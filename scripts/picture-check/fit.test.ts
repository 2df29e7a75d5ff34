import { expect, it } from 'vitest';
import type { BareMeasures } from '../../gpu-functions/stages/imagine/bare-skin.ts';
import { Random } from '../../gpu-functions/nn/index.ts';
import { fitBareness, type Fitted, type Sample } from './fit.ts';

const NAMES = ['redGreen', 'greenBlue', 'lightnessRoughness'] as const;

/** People whose measures lie around those of bare torsos, or away from them on either side. */
function samples(seed: number, count: number): Sample[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i): Sample => {
    const bare = i % 2 === 0;
    const away = bare ? 0 : i % 4 === 1 ? 5 : -5;
    const noise = random.fork(`${i}`).normals(NAMES.length);
    const measures = Object.fromEntries(NAMES.map((name, k) => [name, 3 + k + away + noise[k]]));
    return { measures: measures as unknown as BareMeasures, bare, dark: i % 3 === 0 };
  });
}

function scoreOf({ intercept, weights }: Fitted, measures: BareMeasures): number {
  return Object.entries(weights).reduce((sum, [name, [mean, deviation, linear, square]]) => {
    const z = (measures[name as keyof BareMeasures] - mean) / deviation;
    return sum + linear * z + square * z * z;
  }, intercept);
}

it('tells people that it was not fitted on apart, also where clothes lie on both sides of skin', () => {
  const fitted = fitBareness(samples(1, 400));
  const right = samples(2, 200).filter(({ measures, bare }) => scoreOf(fitted, measures) > 0 === bare);
  expect(right.length).toBeGreaterThan(190);
});

it('takes nothing for bare that is far from all that was seen', () => {
  const fitted = fitBareness(samples(1, 400));
  for (const [, , , square] of Object.values(fitted.weights)) expect(square).toBeLessThanOrEqual(0);
  const far = Object.fromEntries(NAMES.map((name) => [name, 100])) as unknown as BareMeasures;
  expect(scoreOf(fitted, far)).toBeLessThan(0);
});
