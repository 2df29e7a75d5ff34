import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor } from '../gpu-functions/graph/index.ts';
import { bytesOf, writeModel } from '../gpu-functions/graph/model-writer.ts';
import { checkFolder } from '../scripts/gradcheck/check.ts';
import { gradcheck } from '../scripts/gradcheck/main.ts';

/** Networks exported by PyTorch with autograd's gradients, where there are any. */
const folder = join(
  process.env.PARITY_DIR ?? resolve(import.meta.dirname, '../../shared/parity'),
  'gradients',
);
const networks = existsSync(folder) ? readdirSync(folder) : [];

describe.skipIf(networks.length === 0)('imported networks', () => {
  it.each(networks)('%s gives the outputs and gradients of autograd', async (name) => {
    const checked = await checkFolder(join(folder, name));
    expect(checked.filter((c) => c.key.startsWith('grad.')).length).toBeGreaterThan(0);
    for (const { key, error } of checked) expect(error, key).toBeLessThan(1e-4);
  });
});

/** A .npy file of a float32 or int64 tensor. */
function npy(tensor: HostTensor): Uint8Array {
  const descr = { float32: '<f4', float64: '<f8', int64: '<i8' }[tensor.dtype as 'float32'];
  const shape = tensor.shape.map((d) => `${d},`).join('');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117) + '\n';
  const head = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  return Buffer.concat([head, Buffer.from(header, 'latin1'), bytesOf(tensor)]);
}

const base = mkdtempSync(join(tmpdir(), 'gradcheck-'));
afterAll(() => rmSync(base, { recursive: true }));

const vector = (...values: number[]): HostTensor => hostTensor(values, [values.length]);

const node = (op: string, inputs: string[], output: string) => ({
  op,
  inputs,
  outputs: [output],
  attributes: {},
});
const port = (name: string, shape: number[], dtype: 'float32' | 'int64' = 'float32') => ({
  name,
  shape,
  dtype,
});

/** y = w[i] · x and z = x + w: two outputs, an integer input, and a batch that the file leaves open. */
function folderOf(name: string, fixture: Record<string, HostTensor>): string {
  const path = join(base, name);
  const model = writeModel(
    {
      name: 'network',
      nodes: [
        node('Gather', ['w', 'i'], 'row'),
        node('Mul', ['row', 'x'], 'y'),
        node('Add', ['x', 'w'], 'z'),
      ],
      initializers: [{ name: 'w', tensor: vector(2, -3) }],
      inputs: [port('x', [2]), port('i', [2], 'int64')],
      outputs: [port('y', [2]), port('z', [2])],
    },
    17,
  );
  mkdirSync(path);
  writeFileSync(join(path, 'model.onnx'), model);
  const files = Object.fromEntries(Object.entries(fixture).map(([key, t]) => [`${key}.npy`, npy(t)]));
  writeFileSync(join(path, 'fixture.npz'), zipSync(files));
  return path;
}

/** y = [−3·1, −3·5], dy/dx = w[1], dy/dw = [0, Σ seed·x]. */
const right = {
  'in.x': vector(1, 5),
  'in.i': hostTensor([1, 1], [2], 'int64'),
  'seed.y': vector(1, 10),
  'out.y': vector(-3, -15),
  'grad.in.x': vector(-3, -30),
  'grad.param.w': vector(0, 51),
};

async function run(path: string): Promise<{ code: number; lines: Record<string, unknown>[] }> {
  const lines: Record<string, unknown>[] = [];
  const code = await gradcheck(path, 1e-3, (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  return { code, lines };
}

describe('gradcheck', () => {
  it('prints a line for each tensor and one for the network, and exits 0', async () => {
    const { code, lines } = await run(folderOf('right', right));
    expect(code).toBe(0);
    expect(lines.map((l) => l.key ?? l.of)).toHaveLength(4);
    expect(lines.at(-1)).toMatchObject({ network: 'right', compared: 3, ok: true });
  });

  it('takes inputs as wide as NumPy makes them', async () => {
    const wide = { ...right, 'in.x': hostTensor([1, 5], [2], 'float64') };
    expect((await run(folderOf('wide', wide))).code).toBe(0);
  });

  it('tells keys that it does not know', async () => {
    const { code, lines } = await run(folderOf('more', { ...right, opset: vector(17) }));
    expect(code).toBe(0);
    expect(lines[0]).toEqual({ network: 'more', ignored: ['opset'] });
  });

  it('exits 1 where a gradient is past the tolerance, and says which', async () => {
    const { code, lines } = await run(folderOf('wrong', { ...right, 'grad.param.w': vector(0, 51.2) }));
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ of: 'grad.param.w', ok: false });
    expect(lines.at(-1)!.worst).toBeCloseTo(0.2 / 51.2, 5);
  });

  it('measures gradients that are zero but for rounding against the others', async () => {
    const { 'grad.param.w': _, ...rest } = right;
    const { code } = await run(folderOf('zero', { ...rest, 'seed.z': vector(3, 30), 'grad.in.x': vector(1e-9, 1e-8), 'grad.param.w': vector(3, 81) })); // prettier-ignore
    expect(code).toBe(0);
  });

  it.each([
    ['no seed', { 'seed.y': undefined }, 'there is no seed.NAME'],
    ['no input', { 'in.x': undefined }, "lacks 'in.x'"],
    ['nothing to compare', { 'grad.in.x': undefined, 'grad.param.w': undefined }, 'neither a grad.in.NAME'],
    ['an unknown parameter', { 'grad.param.v': vector(1) }, "no initializer 'v'; it has w"],
    ['a seed of another shape', { 'seed.y': vector(1) }, "'seed.y' is [1], but the output is [2]"],
    ['a gradient of another shape', { 'grad.in.x': vector(1) }, "'grad.in.x' is [1]"],
  ])('exits 2 and says what is wrong: %s', async (name, changes, message) => {
    const changed = Object.entries({ ...right, ...changes } as Record<string, HostTensor | undefined>);
    const fixture = Object.fromEntries(changed.filter(([, t]) => t)) as Record<string, HostTensor>;
    const { code, lines } = await run(folderOf(name, fixture));
    expect(code).toBe(2);
    expect(lines.at(-1)!.failed).toContain(message);
  });

  it('checks every network of a folder, and goes on after one that fails', async () => {
    const { code, lines } = await run(base);
    expect(code).toBe(2);
    expect(lines.filter((l) => l.network === 'right' && l.ok)).not.toHaveLength(0);
  });

  it('refuses a folder without a network', async () => {
    await expect(gradcheck(join(base, 'nowhere'), 1e-3, () => {})).rejects.toThrow('there is no folder');
    await expect(gradcheck(import.meta.dirname, 1e-3, () => {})).rejects.toThrow('holds a model.onnx');
  });
});
