import { describe, expect, it } from 'vitest';
import { cameraRays } from './camera-rays.ts';
import { dilate, emptyGrid, allPoints, gridPoints, type DensityGrid } from './density-grid.ts';
import { planDepths, trainingDepths } from './depth-plan.ts';

const FRONT = [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 2.7, 0, 0, 0, 1, 3.2298, 0, 0.5, 0, 3.2298, 0.5, 0, 0, 1];

function ball(radius: number, density: number): DensityGrid {
  const grid = emptyGrid(0.5, 0.6, 61);
  const points = gridPoints(grid, allPoints(grid));
  for (let i = 0; i < grid.values.length; i++) {
    const inside = Math.hypot(points[3 * i], points[3 * i + 1], points[3 * i + 2]) < radius;
    grid.values[i] = inside ? density : 0;
  }
  return grid;
}

describe('planDepths', () => {
  const grid = ball(0.3, 200);
  const rays = cameraRays(FRONT, 32);
  const plan = planDepths(grid, dilate(grid), rays, 12);

  it('keeps every ray that meets the ball and leaves out the empty corners', () => {
    const hits = new Set(plan.hits);
    for (let ray = 0; ray < rays.count; ray++) {
      const [x, y, z] = rays.directions.subarray(3 * ray, 3 * ray + 3);
      const distance = Math.hypot(2.7 * x, 2.7 * y) / Math.hypot(x, y, z);
      if (distance < 0.3) expect(hits).toContain(ray);
      if (distance > 0.36) expect(hits).not.toContain(ray);
    }
  });

  it('gathers the samples at the front surface, in order', () => {
    const centre = plan.hits.indexOf(16 * 32 + 16);
    const depths = plan.depths.subarray(12 * centre, 12 * centre + 12);
    expect([...depths]).toEqual([...depths].toSorted((a, b) => a - b));
    const near = [...depths].filter((t) => Math.abs(t - 2.4) < 0.06);
    expect(near.length).toBeGreaterThan(8);
  });

  it('is stratified with jitter: one sample a quantile', () => {
    const low = planDepths(grid, dilate(grid), rays, 12, () => 0).depths;
    const high = planDepths(grid, dilate(grid), rays, 12, () => 0.999).depths;
    for (let i = 0; i < low.length; i++) {
      expect(high[i]).toBeGreaterThanOrEqual(low[i]);
      if (i % 12 < 11) expect(high[i]).toBeLessThanOrEqual(low[i + 1] + 1e-6);
    }
  });
});

const half = () => 0.5;

describe('trainingDepths', () => {
  const grid = ball(0.3, 200);
  const dilated = dilate(grid);
  const rays = cameraRays(FRONT, 16);

  it('gives rays that meet something planned samples and spread ones, in order', () => {
    const [samples, spread] = [12, 4];
    const depths = trainingDepths(grid, dilated, rays, samples, spread, half);
    const planned = planDepths(grid, dilated, rays, samples - spread, half);
    planned.hits.forEach((ray, hit) => {
      const own = [...depths.subarray(samples * ray, samples * (ray + 1))];
      expect(own).toEqual(own.toSorted((a, b) => a - b));
      for (const depth of planned.depths.subarray(8 * hit, 8 * hit + 8)) expect(own).toContain(depth);
    });
  });

  it('spreads all samples of the others over the box', () => {
    const depths = trainingDepths(grid, dilated, rays, 5, 2, half);
    const corner = [...depths.subarray(0, 5)];
    const steps = corner.slice(1).map((depth, i) => depth - corner[i]);
    for (const step of steps) expect(step).toBeCloseTo(steps[0], 5);
  });
});
