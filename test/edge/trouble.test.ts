import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { portraitSchema, type Portrait } from '../../shared/index.ts';
import { PATIENTLY, startEdge, type Edge } from './harness.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());
afterEach(async () => {
  Object.assign(edge.stageServer, {
    held: null,
    callbacks: true,
    full: false,
    leaveOut: [],
    profile: 'mini',
  });
  await edge.stageServer.listen();
});

let count = 0;
/** Creates a portrait that no test made before. */
const create = async (quality = 'draft'): Promise<Portrait> =>
  portraitSchema().parse(await (await edge.post({ prompt: `person ${count++}`, quality, seed: 1 })).json());

describe('trouble', () => {
  it('with a stage server that is away: the job waits, says so, and goes on when it comes', async () => {
    await edge.stageServer.kill();
    const { id } = await create();
    await expect
      .poll(async () => (await edge.get(id)).progress.message, PATIENTLY)
      .toMatch(/cannot be reached/);
    expect((await edge.get(id)).status).toBe('queued');
    expect(await (await edge.api('/health')).json()).toMatchObject({ status: 'degraded' });
    await edge.stageServer.listen();
    expect((await edge.get(id, 60)).status).toBe('succeeded');
  });

  it('with a stage server that is still starting', async () => {
    edge.stageServer.status = 'STARTING';
    const { id } = await create();
    await expect.poll(async () => (await edge.get(id)).progress.message, PATIENTLY).toMatch(/starting/);
    edge.stageServer.status = 'READY';
    expect((await edge.get(id, 60)).status).toBe('succeeded');
  });

  it('with a full stage server', async () => {
    edge.stageServer.full = true;
    const { id } = await create();
    await expect.poll(async () => (await edge.get(id)).progress.message, PATIENTLY).toMatch(/busy/);
    edge.stageServer.full = false;
    expect((await edge.get(id, 60)).status).toBe('succeeded');
  });

  it('with a stage server that dies at work: the stage goes on from its checkpoint', async () => {
    edge.stageServer.held = 'distill';
    const { id } = await create('standard');
    const steps = () => edge.stageServer.stepsDone.distill ?? 0;
    const before = steps();
    await expect.poll(steps, PATIENTLY).toBe(before + 2);
    await edge.stageServer.kill();
    edge.stageServer.held = null;
    await edge.stageServer.listen();
    expect((await edge.get(id, 60)).status).toBe('succeeded');
    // Four steps in all: none was done twice.
    expect(steps()).toBe(before + 4);
  });

  it('with every callback lost: the poll finds what happened', async () => {
    edge.stageServer.callbacks = false;
    const { id } = await create();
    expect((await edge.get(id, 60)).status).toBe('succeeded');
  });

  it('with a stage that fails for a while', async () => {
    edge.stageServer.errors.invert = [
      { code: 'worker_crashed', retryable: true, message: 'A worker crashed.' },
    ];
    const { id } = await create();
    const portrait = await edge.get(id, 60);
    expect(portrait.status).toBe('succeeded');
  });

  it('with a stage that fails for good', async () => {
    edge.stageServer.errors.render = [{ code: 'internal', retryable: false, message: 'The mesh is empty.' }];
    const { id } = await create();
    expect(await edge.get(id, 60)).toMatchObject({
      status: 'failed',
      error: { code: 'stage_failed', stage: 'render', message: 'The mesh is empty.' },
      files: [],
    });
  });

  it('with a prompt that the stage server will not draw', async () => {
    edge.stageServer.errors.imagine = [{ code: 'content_filtered', retryable: false, message: 'Not this.' }];
    const { id } = await create();
    expect(await edge.get(id, 60)).toMatchObject({ status: 'filtered', error: { code: 'content_filtered' } });
  });

  it('with a stage that leaves out an output: it is asked again', async () => {
    edge.stageServer.leaveOut = ['trigrid'];
    const { id } = await create();
    await expect
      .poll(async () => (await edge.get(id)).progress.message, PATIENTLY)
      .toMatch(/left out trigrid/);
    edge.stageServer.leaveOut = [];
    expect((await edge.get(id, 60)).status).toBe('succeeded');
  });

  it('with weights that change at work: the portrait is made by the new ones from the start', async () => {
    edge.stageServer.held = 'invert';
    const { id } = await create();
    await expect.poll(async () => (await edge.get(id)).status, PATIENTLY).toBe('inverting');
    await edge.stageServer.kill();
    edge.stageServer.digest = 'weights-2';
    edge.stageServer.held = null;
    await edge.stageServer.listen();
    expect(await edge.get(id, 60)).toMatchObject({ status: 'succeeded', model: 'weights-2' });
  });

  it('with weights of another profile', async () => {
    edge.stageServer.profile = 'other';
    const { id } = await create();
    const portrait = await edge.get(id, 60);
    edge.stageServer.profile = 'mini';
    expect(portrait).toMatchObject({ status: 'failed', error: { code: 'profile_not_served' } });
  });

  it('of one of two portraits that share a run: cancelling one leaves the other its run', async () => {
    edge.stageServer.held = 'imagine';
    const starts = edge.stageServer.starts.length;
    const body = { prompt: 'twins', quality: 'draft', seed: 1 };
    const [a, b] = (await Promise.all([1, 2].map(async () => (await edge.post(body)).json()))) as [
      Portrait,
      Portrait,
    ];
    for (const { id } of [a, b])
      await expect.poll(async () => (await edge.get(id)).status, PATIENTLY).toBe('imagining');
    await edge.api(`/v1/portraits/${a.id}/cancel`, { method: 'POST' });
    edge.stageServer.held = null;
    expect((await edge.get(b.id, 60)).status).toBe('succeeded');
    expect((await edge.get(a.id)).status).toBe('cancelled');
    expect(edge.stageServer.starts.slice(starts)).toEqual(['imagine', 'invert', 'render']);
  });
});
