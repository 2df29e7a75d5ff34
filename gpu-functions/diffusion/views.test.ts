import { describe, expect, it } from 'vitest';
import { float32, hostTensor } from '../graph/index.ts';
import { viewContext, viewName, viewPrompt, viewWeights } from './views.ts';

const state = (value: number) => hostTensor([value, 2 * value], [1, 1, 2]);

describe('views', () => {
  it('names the nearest side', () => {
    expect([0, 44, -46, 90, 134, 136, -180, 400].map(viewName)).toEqual([
      'front',
      'front',
      'side',
      'side',
      'side',
      'back',
      'back',
      'front',
    ]);
    expect(viewPrompt('back', 'an old man')).toBe('back view, an old man');
  });

  it('mixes front, side and back linearly with the azimuth', () => {
    expect(viewWeights(0)).toEqual({ front: 1, side: 0, back: 0 });
    expect(viewWeights(-45)).toEqual({ front: 0.5, side: 0.5, back: 0 });
    expect(viewWeights(90)).toEqual({ front: 0, side: 1, back: 0 });
    expect(viewWeights(180)).toEqual({ front: 0, side: 0, back: 1 });
    expect(viewWeights(-135)).toEqual({ front: 0, side: 0.5, back: 0.5 });
  });

  it('mixes the states accordingly', () => {
    const states = { front: state(1), side: state(3), back: state(100) };
    expect([...float32(viewContext(states, 45))]).toEqual([2, 4]);
  });
});
