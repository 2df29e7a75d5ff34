import { describe, expect, it } from 'vitest';
import { RunFailure } from './run-error.ts';
import { RunTrace } from './run-trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${CALLER}-01`;
const report = (step: number, message: string) => ({ fraction: 0, step, steps: 5, message });

function trace() {
  let at = 1_000;
  const run = new RunTrace('a key', 'distill', () => at);
  return { run, pass: (ms: number) => void (at += ms) };
}

/** Name, beginning and length of each span. */
const times = (spans: ReturnType<RunTrace['end']>) =>
  spans.map(({ name, startedAt, finishedAt }) => [name, startedAt - 1_000, finishedAt - startedAt]);

describe('the trace of a run', () => {
  it("shows its parts, and the stage's steps below the stage", async () => {
    const { run, pass } = trace();
    run.join(traceparent);
    await run.part('fetch trigrid', async () => pass(10));
    await run.stage('distill', async () => {
      pass(5);
      run.progress(report(0, 'reading the prompt'));
      pass(300);
      run.progress(report(1, 'step 1 of 5'));
      run.progress(report(1, 'step 1 of 5'));
      pass(90);
      run.progress(report(2, 'step 2 of 5'));
      pass(120);
      run.progress(report(3, 'step 3 of 5'));
      pass(400);
      run.progress(report(4, 'step 4 of 5'));
      run.progress(report(4, 'looking at the result'));
      pass(50);
    });
    const spans = run.end(null);
    expect(times(spans)).toEqual([
      ['run distill', 0, 975],
      ['fetch trigrid', 0, 10],
      ['distill', 10, 965],
      ['start', 10, 5],
      ['step 1', 15, 300],
      ['steps 2 to 3', 315, 210],
      ['step 4', 525, 400],
      ['looking at the result', 925, 50],
    ]);
    const [whole, , stage] = spans;
    expect(whole).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, error: null });
    expect(spans.slice(1, 3).every(({ parentSpanId }) => parentSpanId === whole!.spanId)).toBe(true);
    expect(spans.slice(3).every(({ parentSpanId }) => parentSpanId === stage!.spanId)).toBe(true);
    expect(spans[5]!.attributes).toEqual({ 'step.first': 2, 'step.last': 3, steps: 5 });
  });

  it('goes on from the step of the checkpoint', async () => {
    const { run, pass } = trace();
    run.join(traceparent);
    await run.stage('distill', async () => {
      pass(7);
      run.progress(report(3, 'reading the prompt'));
      pass(500);
      run.progress(report(4, 'step 4 of 5'));
    });
    expect(times(run.end(null)).slice(2)).toEqual([
      ['start', 0, 7],
      ['step 4', 7, 500],
    ]);
  });

  it('begins at step 1 again where the stage has a second loop', async () => {
    const { run, pass } = trace();
    run.join(traceparent);
    await run.stage('invert', async () => {
      run.progress(report(4, 'encoding'));
      pass(200);
      run.progress(report(5, 'latent step 5 of 5'));
      pass(300);
      run.progress(report(1, 'levels step 1 of 5'));
    });
    expect(times(run.end(null)).slice(2)).toEqual([
      ['step 5', 0, 200],
      ['step 1', 200, 300],
    ]);
  });

  it('is told in the trace of every owner, with ids of its own, and to nobody who told of none', async () => {
    const { run } = trace();
    for (const owner of [
      traceparent,
      traceparent,
      undefined,
      'nonsense',
      `00-${'b'.repeat(32)}-${CALLER}-01`,
    ])
      run.join(owner);
    const spans = run.end(null);
    expect(spans.map(({ traceId }) => traceId)).toEqual([TRACE, 'b'.repeat(32)]);
    expect(spans[0]!.spanId).not.toBe(spans[1]!.spanId);
    expect(trace().run.end(null)).toEqual([]);
  });

  it('says where it failed, by a code', async () => {
    const { run } = trace();
    run.join(traceparent);
    const failure = new RunFailure('upload_failed', true, 'https://a.secret/address');
    await expect(run.part('store outputs', () => Promise.reject(failure))).rejects.toBe(failure);
    expect(run.end('upload_failed').map(({ error }) => error)).toEqual(['upload_failed', 'upload_failed']);
  });
});
