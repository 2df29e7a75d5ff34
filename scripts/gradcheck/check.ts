import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  compile,
  constant,
  float32,
  gradients,
  GraphError,
  hostTensor,
  importModelFile,
  openSession,
  type DType,
  type HostTensor,
  type ImportedModel,
  type Value,
} from '../../gpu-functions/graph/index.ts';
import { modelMessage } from '../../gpu-functions/graph/import/model-reader.ts';
import { FixtureError, readFixture, type Fixture } from './fixture.ts';

/** One tensor compared with the recorded one. */
export interface Checked {
  /** `out.NAME`, `grad.in.NAME` or `grad.param.NAME`. */
  readonly key: string;
  /** The largest difference, relative to the largest magnitude recorded (for gradients: to no less than {@link FLOOR} of the largest of all). */
  readonly error: number;
  /** The largest magnitude recorded. */
  readonly magnitude: number;
}

/**
 * Gradients may be zero but for rounding, like that of a bias before a softmax. So no gradient is measured against less than this share of
 * the largest gradient of the network.
 */
export const FLOOR = 1e-3;

/** Compare the gradients of `folder`/model.onnx with those recorded in `folder`/fixture.npz; keys that mean nothing are told. */
export async function checkFolder(
  folder: string,
  ignored: (keys: readonly string[]) => void = () => {},
): Promise<Checked[]> {
  const path = join(folder, 'model.onnx');
  if (!existsSync(path)) throw new FixtureError(`${path} is missing`);
  const fixture = withoutUnused(readFixture(folder), path);
  if (fixture.ignored.length > 0) ignored(fixture.ignored);
  const model = imported(path, fixture);
  const wanted = differentiated(model, fixture, basename(resolve(folder)));
  const session = await openSession(compile(wanted), { inline: true, threads: availableParallelism() });
  try {
    const feeds = session.inputs.map(({ name, dtype }) => {
      const fed = fixture.inputs.get(name);
      if (!fed) throw new FixtureError(`fixture.npz lacks 'in.${name}', an input of the model`);
      return [name, converted(fed, dtype)] as const;
    });
    return compared(await session.run(Object.fromEntries(feeds)), fixture);
  } finally {
    await session.close();
  }
}

/** Exporters leave out inputs that nothing depends on: what is recorded of those is ignored, unless it is a gradient that is not zero. */
function withoutUnused(fixture: Fixture, path: string): Fixture {
  const declared = modelMessage(readFileSync(path))
    .graph.messages(11)
    .map((port) => port.string(1));
  const idle = (name: string): boolean => {
    const slope = fixture.inputGradients.get(name);
    return !declared.includes(name) && (slope === undefined || magnitudeOf(slope) === 0);
  };
  const used = (tensors: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> =>
    new Map([...tensors].filter(([name]) => !idle(name)));
  const unused = [...fixture.inputs.keys()].filter(idle).map((name) => `in.${name}`);
  return {
    ...fixture,
    inputs: used(fixture.inputs),
    inputGradients: used(fixture.inputGradients),
    ignored: [...fixture.ignored, ...unused],
  };
}

/** Integers that are no more than this many may be sizes or choices. */
const MOST_SETTLED = 16;

/**
 * The model with the fixture's shapes. Small integer inputs, such as a sampling rate, may decide shapes and branches: they are settled at
 * import, unless the model wants them in another type.
 */
function imported(path: string, { inputs }: Fixture): ImportedModel {
  const shapes = Object.fromEntries([...inputs].map(([name, t]) => [name, t.shape]));
  const small = [...inputs].filter(([, t]) => !t.dtype.startsWith('float') && t.data.length <= MOST_SETTLED);
  if (small.length === 0) return importModelFile(path, { shapes });
  try {
    const settled = Object.fromEntries(small.map(([name, t]) => [name, constant(t)]));
    return importModelFile(path, { shapes, inputs: settled });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return importModelFile(path, { shapes });
  }
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string, key: string, what: string): T {
  if (Object.hasOwn(table, name)) return table[name];
  throw new FixtureError(
    `fixture.npz has '${key}', but the model has no ${what} '${name}'; it has ${Object.keys(table).join(', ')}`,
  );
}

/** All values to be compared, by their keys. */
function differentiated(model: ImportedModel, fixture: Fixture, network: string): Record<string, Value> {
  const seeds = [...fixture.seeds].map(([name, seed]) => {
    const y = lookUp(model.outputs, name, `seed.${name}`, 'output');
    if (seed.shape.join() !== y.shape.join()) {
      throw new FixtureError(
        `${network}: 'seed.${name}' is [${seed.shape.join(', ')}], but the output is [${y.shape.join(', ')}]`,
      );
    }
    return [y, constant(converted(seed, y.dtype))] as const;
  });
  const wrt = [
    ...[...fixture.inputGradients.keys()].map((name) => {
      const key = `grad.in.${name}`;
      return [key, lookUp(model.inputs, name, key, 'input')] as const;
    }),
    ...[...fixture.parameterGradients.keys()].map((name) => {
      const key = `grad.param.${name}`;
      return [key, lookUp(model.initializers, name, key, 'initializer')] as const;
    }),
  ];
  const slopes = gradients(
    seeds.map(([y]) => y),
    wrt.map(([, v]) => v),
    seeds.map(([, g]) => g),
  );
  const outputs = [...fixture.outputs.keys()].map(
    (name) => [`out.${name}`, lookUp(model.outputs, name, `out.${name}`, 'output')] as const,
  );
  return Object.fromEntries([...outputs, ...wrt.map(([key], i) => [key, slopes[i]] as const)]);
}

/** The numbers in another type: NumPy's defaults are wider than most models' inputs. */
function converted(tensor: HostTensor, dtype: DType): HostTensor {
  if (tensor.dtype === dtype) return tensor;
  return hostTensor(Array.from(tensor.data as Float32Array, Number), tensor.shape, dtype);
}

const magnitudeOf = (t: HostTensor): number => float32(t).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

const isGradient = (key: string): boolean => key.startsWith('grad.');

function compared(found: Readonly<Record<string, HostTensor>>, fixture: Fixture): Checked[] {
  const recorded = new Map<string, HostTensor>([
    ...[...fixture.outputs].map(([name, t]) => [`out.${name}`, t] as const),
    ...[...fixture.inputGradients].map(([name, t]) => [`grad.in.${name}`, t] as const),
    ...[...fixture.parameterGradients].map(([name, t]) => [`grad.param.${name}`, t] as const),
  ]);
  const magnitudes = new Map([...recorded].map(([key, t]) => [key, magnitudeOf(t)]));
  const most = Math.max(...[...magnitudes].map(([key, m]) => (isGradient(key) ? m : 0)));
  return [...recorded].map(([key, wanted]) => {
    const [a, b] = [found[key], wanted];
    if (a.shape.join() !== b.shape.join()) {
      throw new FixtureError(
        `'${key}' is [${b.shape.join(', ')}] in fixture.npz, but [${a.shape.join(', ')}] in the model`,
      );
    }
    const magnitude = magnitudes.get(key)!;
    const scale = Math.max(magnitude, isGradient(key) ? FLOOR * most : 0);
    return { key, error: worst(float32(a), float32(b)) / (scale || 1), magnitude };
  });
}

/** The largest difference; infinite where something is not a number. */
function worst(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (const [i, v] of a.entries()) {
    const difference = v === b[i] ? 0 : Math.abs(v - b[i]);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    most = Math.max(most, difference);
  }
  return most;
}
