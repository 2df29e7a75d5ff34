import {
  add,
  compile,
  constant,
  float32,
  gradients,
  hostTensor,
  importModel,
  mul,
  openSession,
  sizeOf,
  sum,
  type HostTensor,
  type Session,
  type Value,
} from '../../gpu-functions/graph/index.ts';
import { writeModel, type ModelGraph } from '../../gpu-functions/graph/model-writer.ts';
import { Runtime } from '../../gpu-functions/graph/runtime.ts';
import type { Moved, OperatorCase } from './case.ts';

/** What a comparison found; all relative to the largest magnitude, undefined where there is nothing to compare. */
export interface Comparison {
  /** Our value against ONNX Runtime's own operator. */
  readonly forward: number;
  /** Our gradient against finite differences of ONNX Runtime's own operator. */
  readonly first?: number;
  /** The gradient of our gradient against finite differences of our gradient. */
  readonly second?: number;
}

const STEP = 2 ** -7;
/** Elements of an argument that are moved: so many of the steepest, and as many spread over all. */
const SAMPLES = 6;

const isMoved = (input: Moved | HostTensor | null): input is Moved => input !== null && !('dtype' in input);

/** Values a 24th apart, none at zero. */
function gridValue(i: number, argument: number): number {
  return ((i * 17 + 5 * argument) % 48) / 24 - 1 + 1 / 48;
}

/** Numbers without pattern in ±1, by which outputs are weighed. */
const weight = (i: number, output: number): number => Math.sin(12.9898 * (i + 1) + 78.233 * (output + 3));

const nameOf = (i: number): string => `x${i}`;

/** A model of one node. */
function modelOf(form: OperatorCase, outputs: ModelGraph['outputs']): Uint8Array {
  const inputs = form.inputs.flatMap((input, i) =>
    isMoved(input) ? [{ name: nameOf(i), shape: input.shape, dtype: 'float32' as const }] : [],
  );
  const initializers = form.inputs.flatMap((input, i) =>
    input && !isMoved(input) ? [{ name: nameOf(i), tensor: input }] : [],
  );
  const at = form.op.lastIndexOf('.');
  const node = {
    op: form.op.slice(at + 1),
    ...(at < 0 ? {} : { domain: form.op.slice(0, at) }),
    inputs: form.inputs.map((input, i) => (input ? nameOf(i) : '')),
    outputs: outputs.map((o) => o.name),
    attributes: form.attributes ?? {},
  };
  return writeModel({ name: 'case', nodes: [node], initializers, inputs, outputs }, form.opset ?? 18);
}

function imported(form: OperatorCase): { bytes: Uint8Array; inputs: Value[]; outputs: Value[] } {
  const names = Array.from({ length: form.outputs ?? 1 }, (_, i) => `y${i}`);
  const open = names.map((name) => ({ name, shape: [], dtype: 'float32' as const }));
  const model = importModel(modelOf(form, open));
  const outputs = names.map((name) => model.outputs[name]);
  // Once more, with the types that the import found: ONNX Runtime checks them.
  const bytes = modelOf(
    form,
    outputs.map(({ shape, dtype }, i) => ({ name: names[i], shape, dtype })),
  );
  return { bytes, inputs: Object.values(model.inputs), outputs };
}

type Point = number[][];

function feedsOf(
  moved: readonly Moved[],
  names: readonly string[],
  point: Point,
): Record<string, HostTensor> {
  return Object.fromEntries(names.map((name, k) => [name, hostTensor(point[k], moved[k].shape)]));
}

/** Σ weights · outputs, in double precision. */
function weighed(outputs: readonly HostTensor[]): number {
  let total = 0;
  for (const [k, y] of outputs.entries()) {
    const data = float32(y);
    for (let i = 0; i < data.length; i++) total += weight(i, k) * data[i];
  }
  return total;
}

function largest(values: Iterable<number>): number {
  let most = 0;
  for (const v of values) most = Math.max(most, Math.abs(v));
  return most;
}

function difference(found: HostTensor, wanted: HostTensor): number {
  const [a, b] = [float32(found), float32(wanted)];
  const scale = largest(b) || 1;
  return largest(
    a.map((v, i) => (v === b[i] || (Number.isNaN(v) && Number.isNaN(b[i])) ? 0 : (v - b[i]) / scale)),
  );
}

function sampled(slopes: Float32Array): number[] {
  const all = [...slopes.keys()];
  const steepest = all.toSorted((a, b) => Math.abs(slopes[b]) - Math.abs(slopes[a])).slice(0, SAMPLES);
  const spread = all.filter((i) => i % Math.ceil(all.length / SAMPLES) === 0);
  return [...new Set([...steepest, ...spread])];
}

/** The worst difference of slopes from a function's finite differences, by the central stencil of four points. */
async function slopeError(
  f: (point: Point) => Promise<number>,
  start: Point,
  slopes: readonly HostTensor[],
): Promise<number> {
  const point = start.map((p) => [...p]);
  let [worst, most] = [0, 0];
  for (const [k, p] of point.entries()) {
    const exact = float32(slopes[k]);
    for (const i of sampled(exact)) {
      const at = p[i];
      const values: number[] = [];
      for (const step of [-2, -1, 1, 2]) {
        p[i] = Math.fround(at + step * STEP);
        values.push(await f(point));
      }
      p[i] = at;
      const slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * STEP);
      worst = Math.max(worst, Math.abs(slope - exact[i]));
      most = Math.max(most, Math.abs(slope), Math.abs(exact[i]));
    }
  }
  return most > 1e-9 ? worst / most : worst;
}

const named = (prefix: string, values: readonly Value[]): [string, Value][] =>
  values.map((v, i) => [`${prefix}${i}`, v]);

/** Compare one form of an operator with ONNX Runtime's own: its value, its gradient, the gradient of that. */
export async function compareOperator(form: OperatorCase): Promise<Comparison> {
  const { bytes, inputs, outputs } = imported(form);
  const moved = form.inputs.filter(isMoved);
  const names = form.inputs.flatMap((input, i) => (isMoved(input) ? [nameOf(i)] : []));
  const start: Point = moved.map(({ shape, at }, k) =>
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(at ? at(i) : gridValue(i, k))),
  );
  const wantsGradient = form.gradient ?? true;
  const floats = outputs.filter((y) => y.dtype === 'float32');
  const slopes = wantsGradient ? gradientsOf(floats, inputs) : [];
  const curvatures = form.second ? gradientsOf(slopes, inputs) : [];
  const all = [...named('y', outputs), ...named('g', slopes), ...named('h', curvatures)];

  const options = { provider: 'cpu', threads: 1, optimisation: 'disabled', arena: true } as const;
  const runtime = await Runtime.open(bytes, options);
  const ours = await openSession(compile(Object.fromEntries(all)), {
    inline: true,
    optimisation: 'disabled',
  });
  try {
    const feeds = feedsOf(moved, names, start);
    const found = await ours.run(used(ours, feeds));
    const yNames = outputs.map((_, i) => `y${i}`);
    const wanted = await runtime.run(feeds, yNames);
    const forward = Math.max(...yNames.map((name) => difference(found[name], wanted[name])));
    const floatNames = yNames.filter((_, i) => outputs[i].dtype === 'float32');
    const theirs = async (point: Point): Promise<number> => {
      const result = await runtime.run(feedsOf(moved, names, point), floatNames);
      return weighed(floatNames.map((name) => result[name]));
    };
    const gradient = async (point: Point): Promise<number> => {
      const wantedNames = slopes.map((_, i) => `g${i}`);
      const result = await ours.run(used(ours, feedsOf(moved, names, point)), wantedNames);
      return weighed(wantedNames.map((name) => result[name]));
    };
    return {
      forward,
      ...(wantsGradient
        ? { first: await slopeError(theirs, start, slopes.map((_, i) => found[`g${i}`])) } // prettier-ignore
        : {}),
      ...(form.second
        ? { second: await slopeError(gradient, start, curvatures.map((_, i) => found[`h${i}`])) } // prettier-ignore
        : {}),
    };
  } finally {
    await runtime.close();
    await ours.close();
  }
}

/** Only what the graph reads: an argument may not matter to a value. */
function used(session: Session, feeds: Record<string, HostTensor>): Record<string, HostTensor> {
  return Object.fromEntries(session.inputs.map(({ name }) => [name, feeds[name]]));
}

/** The gradients of the weighed sum. */
function gradientsOf(values: readonly Value[], inputs: readonly Value[]): Value[] {
  const total = values
    .map((v, k) => {
      const weights = Array.from({ length: sizeOf(v.shape) }, (_, i) => weight(i, k));
      return sum(mul(v, constant(hostTensor(weights, v.shape))));
    })
    .reduce((a, b) => add(a, b));
  return gradients([total], inputs);
}
