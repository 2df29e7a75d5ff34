import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

describe('Random', () => {
  it('repeats by seed and differs between seeds', () => {
    expect(new Random(7).normals(8)).toEqual(new Random(7).normals(8));
    expect(new Random(7).bits()).not.toBe(new Random(8).bits());
  });

  it('has the moments of its distributions', () => {
    const normals = new Random(1).normals(40_000);
    const mean = normals.reduce((sum, x) => sum + x, 0) / normals.length;
    const variance = normals.reduce((sum, x) => sum + (x - mean) ** 2, 0) / normals.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    const uniforms = new Random(2).uniforms(40_000);
    expect(Math.abs(uniforms.reduce((sum, x) => sum + x, 0) / uniforms.length - 0.5)).toBeLessThan(0.01);
  });

  it('continues from a saved state, half-used normal pair included', () => {
    const random = new Random(3);
    random.normals(5);
    const copy = Random.restore(random.save());
    expect(copy.normals(7)).toEqual(random.normals(7));
  });

  it('forks independent children without advancing the parent', () => {
    const random = new Random(4);
    const before = random.save();
    const [noise, jitter] = [random.fork('noise'), random.fork('jitter')];
    expect(random.save()).toEqual(before);
    expect(noise.bits()).not.toBe(jitter.bits());
    expect(random.fork('noise').normals(3)).toEqual(random.fork('noise').normals(3));
  });
});
