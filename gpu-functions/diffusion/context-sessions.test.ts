import { afterAll, describe, expect, it } from 'vitest';
import { SessionHost, evaluate, float32, hostTensor, input } from '../graph/index.ts';
import { Random, storedParameters } from '../nn/index.ts';
import { ContextSessions } from './context-sessions.ts';
import { TINY, randomWeights } from './testing.ts';
import { unet } from './unet.ts';
import type { Parameters } from '../nn/index.ts';

const build =
  (p: Parameters) =>
  (n: number): ReturnType<typeof unet> =>
    unet(p, input('latents', [n, 2, 4, 4]), input('timesteps', [n]), input('context', [n, 5, 6]), TINY.unet);
const p = storedParameters(randomWeights((traced) => build(traced)(1), 2));
const random = new Random(5);
const contextOf = (n: number) => hostTensor(random.normals(n * 30), [n, 5, 6]);
const feedsOf = (n: number) => ({
  latents: hostTensor(random.normals(n * 32), [n, 2, 4, 4]),
  timesteps: hostTensor(new Float32Array(n).fill(300), [n]),
});

describe('sessions of a denoiser that keep what follows from a context', () => {
  const sessions = new ContextSessions(build(p), { name: 'unet' }, { inline: true });
  afterAll(() => sessions.close());

  it('compute what one graph does, whichever context and batch came before', async () => {
    const contexts = [contextOf(1), contextOf(2), contextOf(2)];
    for (const context of [...contexts, ...contexts]) {
      const [n] = context.shape;
      const feeds = feedsOf(n);
      const found = float32(await sessions.run(feeds, context));
      const wanted = float32((await evaluate({ y: build(p)(n) }, { ...feeds, context })).y);
      found.forEach((x, i) => expect(x).toBeCloseTo(wanted[i], 4));
    }
  });

  it('look at a context once', async () => {
    const [context, feeds] = [contextOf(2), feedsOf(2)];
    const first = float32(await sessions.run(feeds, context));
    float32(context).fill(0);
    expect(float32(await sessions.run(feeds, context))).toEqual(first);
    expect(float32(await sessions.run(feeds, { ...context }))).not.toEqual(first);
  });

  it('ask again for a context that failed', async () => {
    const context = { ...contextOf(2), shape: [2, 5, 5] };
    for (let i = 0; i < 2; i++) await expect(sessions.run(feedsOf(2), context)).rejects.toThrow("'context'");
  });
});

describe('the same sessions, each batch shared out among lanes', () => {
  const hosts = [new SessionHost(), new SessionHost()];
  const sessions = new ContextSessions(build(p), { name: 'unet' }, { lanes: hosts, threads: 2 });
  afterAll(async () => {
    await sessions.close();
    await Promise.all(hosts.map((host) => host.end()));
  });

  it('compute what one graph does, and keep what follows from each share of a context', async () => {
    const contexts = [contextOf(4), contextOf(3), contextOf(4)];
    for (const context of [...contexts, ...contexts]) {
      const [n] = context.shape;
      const feeds = feedsOf(n);
      const found = await sessions.run(feeds, context);
      const wanted = (await evaluate({ y: build(p)(n) }, { ...feeds, context })).y;
      expect(found.shape).toEqual(wanted.shape);
      float32(found).forEach((x, i) => expect(x).toBeCloseTo(float32(wanted)[i], 4));
    }
  });
});
