import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, describe, test } from 'vitest';
import { classOf } from '../../gpu-functions/gateway/modal-calls.ts';
import { startArtifactHost, type ArtifactHost } from '../../gpu-functions/server/test/artifact-host.ts';
import { freePort } from '../../scripts/dev/free-port.ts';
import { gpuFunctions, runSchema, stageKey, STAGES, type StartRun } from '../../shared/index.ts';

const CONTAINER = fileURLToPath(new URL('../../gpu-functions/container', import.meta.url));
const SERVER = fileURLToPath(new URL('../../gpu-functions/server/test/counting-server.ts', import.meta.url));
const token = 'a-token-that-only-these-tests-know';
const env = {
  ...process.env,
  PYTHONPATH: CONTAINER,
  PYTHONDONTWRITEBYTECODE: '1',
  STAGE_SERVER_TOKEN: token,
};

/** What a container of modal_app.py does: enter, one input, exit. */
const DRIVER = `
import json, signal, sys
from stage_call import StageServer
server = StageServer(sys.argv[2:], sys.argv[1])
server.wait_until_ready()
print("ready", flush=True)
result = None
try:
    result = server.run(json.loads(sys.stdin.readline()))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.readline()
print(json.dumps({"result": result, "status": server.stop()}), flush=True)
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;
const started: ChildProcess[] = [];
let edge: ArtifactHost;
let state: string;

beforeAll(async () => {
  edge = await startArtifactHost('a-secret-of-16-characters');
  state = mkdtempSync(join(tmpdir(), 'function-'));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  edge.close();
  rmSync(state, { recursive: true, force: true });
});

async function container() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = [process.execPath, SERVER, join(state, String(port)), String(port)];
  const child = spawn('python3', ['-c', DRIVER, url, ...server], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await expect.poll(() => said, { timeout: 50_000 }).toContain('ready\n');
  const call = (path: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return {
    call,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    send: (line: string) => child.stdin!.write(`${line}\n`),
    said: () => said,
    async outcome() {
      await ended;
      return JSON.parse(said.trimEnd().split('\n').at(-1)!) as { result: unknown; status: number };
    },
  };
}

async function payload(steps: number, digest = 'd1') {
  const params = {
    prompt: 'count',
    negative_prompt: '',
    seed: steps,
    quality: 'draft' as const,
    candidates: 1,
  };
  const identity = { stage: 'imagine', version: 1, params, inputs: {} } as const;
  const key = await stageKey({ ...identity, model: digest });
  const body: StartRun = {
    ...identity,
    model: { profile: 'mini', digest },
    upload: { url_template: `${edge.url}/artifacts/{sha256}` },
    owner: 'prt_1',
    deadline_s: 60,
  };
  return { key, body };
}

describe.skipIf(!hasPython)('the function of a stage', () => {
  test('runs its input on a stage server beside it, and leaves in order', async () => {
    const { send, outcome } = await container();
    const input = await payload(10);
    send(JSON.stringify(input));
    const { result, status } = await outcome();
    expect(runSchema().parse(result)).toMatchObject({
      key: input.key,
      status: 'succeeded',
      metrics: { sum: 55 },
    });
    expect(status).toBe(0);
  });

  test('says so where its server does not take the run', async () => {
    const { send, outcome } = await container();
    send(JSON.stringify(await payload(10, 'other weights')));
    expect((await outcome()).result).toEqual({ refused: expect.stringContaining('model_mismatch') });
  });

  test('gives its run up when its input is cancelled', async () => {
    const { send, kill, said, call, outcome } = await container();
    const input = await payload(500);
    send(JSON.stringify(input));
    const known = async () => (await call(`/runs/${input.key}`)).status;
    await expect.poll(known, { timeout: 10_000 }).toBe(200);
    kill('SIGINT');
    await expect.poll(said, { timeout: 10_000 }).toContain('interrupted');
    expect(runSchema().parse(await (await call(`/runs/${input.key}`)).json()).status).toBe('cancelled');
    send('');
    expect((await outcome()).status).toBe(0);
  });

  test('is deployed for each stage as the table says, with the gateway beside them', () => {
    // The Modal package is not needed to see what the app asks of it: a stand-in writes down every call.
    const script = `
import json, sys, types
record = []
class Any:
    def __init__(self, path): self.path = path
    def __getattr__(self, name): return Any(self.path + "." + name)
    def __call__(self, *args, **kwargs):
        if self.path.endswith((".cls", ".function")):
            row = {k: v for k, v in kwargs.items() if isinstance(v, (int, float, str))}
            return lambda made: record.append([made.__name__, row]) or made
        if self.path.startswith("modal.") and self.path.count(".") == 1 and self.path[6:].islower():
            return lambda made: made
        return Any(self.path + "()")
sys.modules["modal"] = Any("modal")
import shutil, tempfile, os
folder = tempfile.mkdtemp()
for name in ("modal_app.py", "stage_call.py"): shutil.copy(os.path.join(sys.argv[1], name), folder)
shutil.copy(sys.argv[2], folder)
sys.path.insert(0, folder)
import modal_app
shutil.rmtree(folder)
print(json.dumps(record))
`;
    const table = fileURLToPath(new URL('../../shared/gpu-functions.json', import.meta.url));
    const { stdout, stderr } = spawnSync('python3', ['-c', script, CONTAINER, table], {
      env,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const record = new Map(JSON.parse(stdout) as [string, Record<string, unknown>][]);
    for (const stage of STAGES) {
      const { gpu, cpu, memory_mib, timeout_s, max_containers, idle_s } = gpuFunctions()[stage];
      expect(record.get(classOf(stage))).toEqual({
        gpu,
        cpu,
        memory: memory_mib,
        timeout: timeout_s,
        max_containers,
        scaledown_window: idle_s,
      });
    }
    expect(record.get('gateway')).toMatchObject({ min_containers: 1, max_containers: 1 });
    expect(record.size).toBe(STAGES.length + 1);
  });
});
