import { describe, expect, it } from 'vitest';
import { portraitRequestSchema, type PortraitRequest } from './portrait-request.ts';
import { STAGES, stageKey, stageParams, stageParamsSchemas, stagesFor } from './stages.ts';

const request: PortraitRequest = {
  ...portraitRequestSchema().parse({ prompt: 'x', quality: 'draft' }),
  seed: 7,
};
const keyOf = (stage: (typeof STAGES)[number], change: Partial<PortraitRequest> = {}) =>
  stageKey({
    stage,
    version: 1,
    model: 'm',
    params: stageParams(stage, { ...request, ...change }),
    inputs: { a: 'b' },
  });

describe('stages', () => {
  it('leave out distill and refine in a draft', () => {
    expect(stagesFor('draft')).toEqual(['imagine', 'invert', 'render']);
    expect(stagesFor('standard')).toEqual(STAGES);
  });

  it('get params that fit their schema', () => {
    for (const stage of STAGES)
      expect(stageParamsSchemas()[stage].safeParse(stageParams(stage, request)).error).toBe(undefined);
  });
});

describe('stage key', () => {
  it('is equal for equal identities', async () => {
    expect(await keyOf('imagine')).toBe(await keyOf('imagine'));
  });

  it('does not change with the wanted outputs, except for render', async () => {
    expect(await keyOf('imagine', { outputs: ['front'] })).toBe(await keyOf('imagine'));
    expect(await keyOf('render', { outputs: ['front'] })).not.toBe(await keyOf('render'));
  });

  it('changes with prompt, seed, stage, version, model and inputs', async () => {
    const base = {
      stage: 'imagine',
      version: 1,
      model: 'm',
      params: stageParams('imagine', request),
      inputs: {},
    } as const;
    const keys = await Promise.all([
      stageKey(base),
      keyOf('imagine', { prompt: 'y' }),
      keyOf('imagine', { seed: 8 }),
      stageKey({ ...base, version: 2 }),
      stageKey({ ...base, model: 'n' }),
      stageKey({ ...base, inputs: { image: 'c' } }),
      keyOf('distill'),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
