import { expect } from 'vitest';
import { compile } from '../compile.ts';
import { writeModel, type ModelNode, type Port } from '../model-writer.ts';
import { Runtime } from '../runtime.ts';
import {
  arrayOf,
  float32,
  hostTensor,
  sizeOf,
  typedArray,
  type DType,
  type HostTensor,
  type Shape,
} from '../tensor.ts';
import { importModel, type ImportedModel, type ImportOptions } from './import-model.ts';

/** A model in few words. */
export interface Sketch {
  readonly nodes: readonly ModelNode[];
  readonly inputs?: Readonly<Record<string, HostTensor>>;
  readonly weights?: Readonly<Record<string, HostTensor>>;
  /** The outputs; their types are left for ONNX Runtime to infer. */
  readonly outputs?: readonly string[];
}

/** A node of an operator. */
export function op(
  name: string,
  inputs: readonly string[],
  outputs: readonly string[] | string,
  attributes: ModelNode['attributes'] = {},
): ModelNode {
  return { op: name, inputs, outputs: [outputs].flat(), attributes };
}

/** Numbers of both signs, without ties. */
export function numbers(shape: Shape, seed = 0): HostTensor {
  return hostTensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 1.7 + seed) * 2 + i / 1000),
    shape,
  );
}

export const int64 = (...list: number[]): HostTensor => hostTensor(list, [list.length], 'int64');
export const scalar = (value: number, dtype: DType = 'float32'): HostTensor =>
  hostTensor(typedArray([value], dtype), [], dtype);

const port = (name: string, { shape, dtype }: HostTensor): Port => ({ name, shape, dtype });

/** The file of a sketch. */
export function fileOf(
  { nodes, inputs = {}, weights = {}, outputs = ['y'] }: Sketch,
  opset: number,
): Uint8Array {
  return writeModel(
    {
      name: 'sketch',
      nodes,
      initializers: Object.entries(weights).map(([name, tensor]) => ({ name, tensor })),
      inputs: Object.entries(inputs).map(([name, tensor]) => port(name, tensor)),
      outputs: outputs.map((name) => ({ name }) as Port),
    },
    opset,
  );
}

/** What ONNX Runtime makes of a file. */
export async function runFile(
  file: Uint8Array,
  feeds: Readonly<Record<string, HostTensor>>,
  outputs: readonly string[],
): Promise<Record<string, HostTensor>> {
  const runtime = await Runtime.open(file, {
    provider: 'cpu',
    threads: 1,
    optimisation: 'disabled',
    arena: false,
  });
  try {
    return await runtime.run(feeds, outputs);
  } finally {
    await runtime.close();
  }
}

/** Import a sketch of some opset, and compare what the import computes with what ONNX Runtime makes of the file itself. */
export async function compare(
  sketch: Sketch,
  opset: number,
  options: ImportOptions = {},
): Promise<ImportedModel> {
  return compareFile(fileOf(sketch, opset), sketch, options);
}

export async function compareFile(
  file: Uint8Array,
  { inputs = {}, outputs = ['y'] }: Pick<Sketch, 'inputs' | 'outputs'>,
  options: ImportOptions = {},
): Promise<ImportedModel> {
  const wanted = await runFile(file, inputs, outputs);
  const imported = importModel(file, options);
  const model = compile(imported.outputs);
  const feeds = Object.fromEntries(model.inputs.map(({ name }) => [name, inputs[name]]));
  const found = await runFile(model.bytes, feeds, outputs);
  for (const name of outputs) expectSame(found[name], wanted[name]);
  return imported;
}

/** Same type and shape, and the same elements but for rounding. */
export function expectSame(found: HostTensor, wanted: HostTensor): void {
  expect([found.dtype, ...found.shape]).toEqual([wanted.dtype, ...wanted.shape]);
  expect(found.data).toBeInstanceOf(arrayOf(wanted.dtype));
  const [a, b] = [float32(found), float32(wanted)];
  for (const [i, v] of b.entries()) {
    if (!(Math.abs(a[i] - v) <= 1e-5 * Math.max(1, Math.abs(v))) && !Object.is(a[i], v))
      expect([i, a[i]]).toEqual([i, v]);
  }
}
