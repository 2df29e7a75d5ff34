import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  add,
  compile,
  float32,
  hostTensor,
  input,
  matmul,
  mul,
  openSession,
  scatterAddRows,
  SessionHost,
  ints,
  type Session,
} from './index.ts';

const x = input('x', [2]);
const model = compile({ doubled: mul(x, 2), shifted: add(x, 1) });
const fed = (...v: number[]) => ({ x: hostTensor(v, [2]) });
let session: Session | undefined;
afterEach(() => session?.close());

describe.each([['in a worker', false] as const, ['inline', true] as const])('a session %s', (_, inline) => {
  it('computes all outputs, or those asked for', async () => {
    session = await openSession(model, { inline });
    const all = await session.run(fed(1, 2));
    expect([...all.doubled.data, ...all.shifted.data]).toEqual([2, 4, 2, 3]);
    expect(Object.keys(await session.run(fed(1, 2), ['shifted']))).toEqual(['shifted']);
  });

  it('keeps overlapping runs apart', async () => {
    session = await openSession(model, { inline });
    const runs = await Promise.all([1, 2, 3, 4].map((v) => session!.run(fed(v, -v))));
    expect(runs.map((r) => r.doubled.data[0])).toEqual([2, 4, 6, 8]);
  });

  it('says which feed is missing, unknown or ill-shaped, and which output it lacks', async () => {
    session = await openSession(model, { inline });
    await expect(session.run({})).rejects.toThrow("no feed for the input 'x' (float32 [2])");
    await expect(session.run({ ...fed(1, 2), y: hostTensor([1], []) })).rejects.toThrow("no input 'y'");
    await expect(session.run({ x: hostTensor([1], [1]) })).rejects.toThrow('was fed float32 [1]');
    await expect(session.run(fed(1, 2), ['z'])).rejects.toThrow("no output 'z'");
    expect((await session.run(fed(1, 2))).doubled.data[1]).toBe(4);
  });

  it('refuses runs when closed, and closes twice without harm', async () => {
    session = await openSession(model, { inline });
    await session.close();
    await session.close();
    await expect(session.run(fed(1, 2))).rejects.toThrow('the session is closed');
  });

  it('takes feeds in shared memory', async () => {
    session = await openSession(model, { inline });
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([3, 5]);
    const out = await session.run({ x: hostTensor(shared, [2]) });
    expect([...out.doubled.data]).toEqual([6, 10]);
  });

  it('writes outputs where it is told to', async () => {
    session = await openSession(model, { inline });
    const place = hostTensor(new Float32Array(new SharedArrayBuffer(8)), [2]);
    const out = await session.run(fed(4, 5), ['doubled', 'shifted'], { doubled: place });
    expect(out.doubled).toBe(place);
    expect([...place.data, ...out.shifted.data]).toEqual([8, 10, 5, 6]);
    await session.run(fed(1, 2), ['shifted'], { doubled: place });
    expect([...place.data]).toEqual([8, 10]);
    const other = { doubled: hostTensor(new Float32Array(new SharedArrayBuffer(4)), [1]) };
    await expect(session.run(fed(1, 2), ['doubled'], other)).rejects.toThrow('cannot be written to');
    await expect(session.run(fed(1, 2), ['doubled'], { doubled: hostTensor([0, 0], [2]) })).rejects.toThrow(
      'on a SharedArrayBuffer',
    );
    await expect(session.run(fed(1, 2), ['doubled'], { z: place })).rejects.toThrow("no output 'z'");
  });

  it('passes half floats as bits', async () => {
    const h = input('h', [3], 'float16');
    session = await openSession(compile({ y: mul(h, 2) }), { inline });
    const { y } = await session.run({ h: hostTensor([1, -0.5, 3.25], [3], 'float16') });
    expect(y.data).toBeInstanceOf(Uint16Array);
    expect([...float32(y)]).toEqual([2, -1, 6.5]);
  });
});

describe('a worker session', () => {
  it('leaves this thread free while it runs', async () => {
    const a = input('a', [800, 800]);
    session = await openSession(compile({ y: matmul(matmul(matmul(a, a), a), a) }));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await session.run({ a: hostTensor(new Float32Array(640_000), [800, 800]) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  it('fails a run under way when closed', async () => {
    const a = input('a', [800, 800]);
    session = await openSession(compile({ y: matmul(matmul(a, a), a) }));
    const run = session.run({ a: hostTensor(new Float32Array(640_000), [800, 800]) });
    const failed = expect(run).rejects.toThrow(/closed/);
    await Promise.resolve();
    await session.close();
    await failed;
  });
});

describe('sessions that share a thread', () => {
  const other = compile({ tripled: mul(x, 3) });

  it('run each their own model, and one is closed without harm to another', async () => {
    const host = new SessionHost();
    const first = await openSession(model, { host });
    session = await openSession(other, { host });
    const [doubled, tripled] = await Promise.all([first.run(fed(1, 2)), session.run(fed(1, 2))]);
    expect([...doubled.doubled.data, ...tripled.tripled.data]).toEqual([2, 4, 3, 6]);
    await first.close();
    await expect(first.run(fed(1, 2))).rejects.toThrow('the session is closed');
    expect([...(await session.run(fed(2, 3))).tripled.data]).toEqual([6, 9]);
  });

  it('find it there when all before them were closed, and start another where it was ended', async () => {
    const host = new SessionHost();
    for (const end of [false, true]) {
      await (await openSession(model, { host })).close();
      if (end) await host.end();
      session = await openSession(other, { host });
      expect([...(await session.run(fed(1, 1))).tripled.data]).toEqual([3, 3]);
      await session.close();
    }
  });

  it('keep no process from ending', async () => {
    const script = `import('${new URL('./index.ts', import.meta.url)}').then(async (graph) => {
      const model = graph.compile({ y: graph.mul(graph.input('x', [2]), 2) });
      const session = await graph.openSession(model, { host: new graph.SessionHost() });
      const { y } = await session.run({ x: graph.hostTensor([1, 2], [2]) });
      await session.close();
      console.log(y.data.join());
    })`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { timeout: 20_000 });
    expect(stdout.trim()).toBe('2,4');
  });

  it('outlive a model that cannot be opened', async () => {
    const host = new SessionHost();
    session = await openSession(other, { host });
    const broken = { ...model, bytes: new Uint8Array(4) };
    await expect(openSession(broken, { host })).rejects.toThrow('could not be opened');
    expect([...(await session.run(fed(1, 0))).tripled.data]).toEqual([3, 0]);
  });
});

it('adds every update of a scatter, whatever threads are asked for', async () => {
  const n = 20_000;
  const updates = input('u', [n, 4]);
  const model = compile({
    y: scatterAddRows(8, ints(Array.from({ length: n }, (_, i) => (i * 5) % 8)), updates),
  });
  expect(model.scatters).toBe(true);
  session = await openSession(model, { threads: 4, inline: true });
  for (let i = 0; i < 3; i++) {
    const { y } = await session.run({ u: hostTensor(new Float32Array(n * 4).fill(1), [n, 4]) });
    expect(new Set(y.data as Float32Array)).toEqual(new Set([n / 8]));
  }
});
