import { innerGraphs, type InnerGraph, type ModelGraph, type ModelNode } from './model-writer.ts';

/** What a run of a graph holds, in bytes. */
export interface MemoryForecast {
  /** Weights and other constants: held as long as the session is open. */
  readonly weights: number;
  /** The most that weights, intermediates and outputs take together; the caller's feeds are not in it. */
  readonly peak: number;
}

/** Operators whose output is their first input under another shape. */
const VIEWS = new Set(['Reshape', 'Identity', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Operators that may write over an input of the same size that nobody reads any more, as ONNX Runtime's kernels do. */
const IN_PLACE = new Set(
  'Add Sub Mul Div Neg Abs Exp Log Sqrt Floor Ceil Reciprocal Relu LeakyRelu Sigmoid Tanh Elu Softplus Erf Clip Sin Cos Not ScatterND ScatterElements'.split(
    ' ',
  ),
);

/** What is known of a value. */
export interface ValueSize {
  readonly bytes: number;
  /** Equal for values of the same shape and element size, which may follow each other in one allocation. */
  readonly kind: string;
}

/**
 * The memory a run takes, by liveness: tensors come into being in ONNX Runtime's order, views share their source, kernels that can work
 * in place do, and an allocation is held until the last of the tensors that follow each other in it. What kernels allocate for
 * themselves is not known and not counted, nor is what fragmentation costs an arena.
 *
 * @param sizeOf what is known of a value by its name; undefined inside of graphs taken over whole from a file
 */
export function forecastMemory(
  graph: ModelGraph,
  sizeOf: (name: string) => ValueSize | undefined,
): MemoryForecast {
  const known = (name: string): ValueSize => sizeOf(name) ?? { bytes: 0, kind: '' };
  const weights = weightsOf(graph);
  // When a run is over its outputs are copied to the caller.
  const delivered = 2 * graph.outputs.reduce((sum, { name }) => sum + known(name).bytes, 0);
  return { weights, peak: weights + Math.max(peakOf(graph, known), delivered) };
}

function weightsOf(graph: InnerGraph): number {
  let bytes = graph.initializers.reduce((sum, { tensor }) => sum + tensor.data.byteLength, 0);
  for (const node of graph.nodes) {
    for (const inner of Object.values(innerGraphs(node))) bytes += weightsOf(inner);
  }
  return bytes;
}

/** A tensor's memory, which views and in-place results share, and later tensors after it. */
interface Buffer {
  readonly bytes: number;
  readonly kind: string;
  readonly from: number;
  /** The last node that uses it. */
  until: number;
  /** Reads still to come under all of its names; leaving the graph is one. */
  users: number;
}

function peakOf(graph: InnerGraph, sizeOf: (name: string) => ValueSize): number {
  const order = executionOrder(graph.nodes);
  const uses = order.map(usesOf);
  const readers = countReaders(uses, graph);
  const buffers = new Map<string, Buffer>();
  const all: Buffer[] = [];
  const free: Buffer[] = [];
  for (const [step, node] of order.entries()) {
    for (const [i, name] of node.outputs.entries()) {
      if (name === '') continue;
      const { bytes, kind } = sizeOf(name);
      const users = readers.get(name) ?? 0;
      let buffer = i === 0 ? sharedBuffer(node, bytes, buffers, readers) : undefined;
      if (!buffer) {
        const vacant = free.findLastIndex((b) => b.kind === kind && kind !== '');
        buffer = vacant >= 0 ? free.splice(vacant, 1)[0] : undefined;
      }
      if (!buffer) {
        buffer = { bytes, kind, from: step, until: step, users: 0 };
        all.push(buffer);
      }
      buffer.users += users;
      buffers.set(name, buffer);
    }
    for (const name of uses[step]) readers.set(name, readers.get(name)! - 1);
    const touched = new Set<Buffer>();
    for (const name of [...uses[step], ...node.outputs]) {
      const buffer = buffers.get(name);
      if (!buffer) continue;
      if (uses[step].has(name)) buffer.users--;
      touched.add(buffer);
    }
    for (const buffer of touched) {
      buffer.until = step;
      if (buffer.users === 0) free.push(buffer);
    }
  }
  for (const { name } of graph.outputs) {
    const buffer = buffers.get(name);
    if (buffer) buffer.until = order.length;
  }
  return highest(order, all, sizeOf);
}

/** The most that is held at any node: buffers, and what a loop holds inside of its body. */
function highest(
  order: readonly ModelNode[],
  buffers: readonly Buffer[],
  sizeOf: (name: string) => ValueSize,
): number {
  const change = new Float64Array(order.length + 2);
  for (const { bytes, from, until } of buffers) {
    change[from] += bytes;
    change[until + 1] -= bytes;
  }
  let live = 0;
  let peak = 0;
  for (const [step, node] of order.entries()) {
    live += change[step];
    const inner = Object.values(innerGraphs(node)).map((g) => peakInside(g, sizeOf));
    peak = Math.max(peak, live + Math.max(0, ...inner));
  }
  return peak;
}

/** A body's peak: besides what it computes, the state it was handed, which is another iteration's result. */
function peakInside(graph: InnerGraph, sizeOf: (name: string) => ValueSize): number {
  return graph.inputs.reduce((sum, { name }) => sum + sizeOf(name).bytes, 0) + peakOf(graph, sizeOf);
}

/** The buffer that a node's first output shares with one of its inputs, if any. */
function sharedBuffer(
  node: ModelNode,
  bytes: number,
  buffers: ReadonlyMap<string, Buffer>,
  readers: ReadonlyMap<string, number>,
): Buffer | undefined {
  if (VIEWS.has(node.op)) return buffers.get(node.inputs[0]);
  if (!IN_PLACE.has(node.op)) return undefined;
  const candidates = node.op.startsWith('Scatter') ? node.inputs.slice(0, 1) : node.inputs;
  for (const name of candidates) {
    const buffer = buffers.get(name);
    // Its last use must be this one, under all of its names.
    if (buffer && buffer.bytes === bytes && buffer.users === 1 && readers.get(name) === 1) return buffer;
  }
  return undefined;
}

/** The names a node reads, those its inner graphs take from outside included. */
function usesOf(node: ModelNode): Set<string> {
  const names = new Set(node.inputs.filter((name) => name !== ''));
  for (const inner of Object.values(innerGraphs(node))) {
    const own = new Set([...inner.inputs.map((p) => p.name), ...inner.nodes.flatMap((n) => n.outputs)]);
    for (const n of inner.nodes) for (const name of usesOf(n)) if (!own.has(name)) names.add(name);
  }
  return names;
}

function countReaders(uses: readonly ReadonlySet<string>[], graph: InnerGraph): Map<string, number> {
  const readers = new Map<string, number>();
  const read = (name: string): void => void readers.set(name, (readers.get(name) ?? 0) + 1);
  for (const names of uses) for (const name of names) read(name);
  for (const { name } of graph.outputs) read(name);
  return readers;
}

/**
 * The order in which ONNX Runtime's sequential executor runs nodes: depth first from the results, the last result and the input made
 * last first (GraphViewer's reverse depth-first search).
 */
export function executionOrder(nodes: readonly ModelNode[]): ModelNode[] {
  const maker = new Map<string, number>();
  for (const [i, node] of nodes.entries()) for (const name of node.outputs) maker.set(name, i);
  const sources = nodes.map((node) => {
    const found = new Set<number>();
    for (const name of usesOf(node)) {
      const i = maker.get(name);
      if (i !== undefined) found.add(i);
    }
    return [...found].toSorted((a, b) => a - b);
  });
  const read = new Set(sources.flat());
  const stack = [...nodes.keys()].filter((i) => !read.has(i)).map((i) => ({ i, leave: false }));
  const seen = new Set<number>();
  const order: ModelNode[] = [];
  while (stack.length > 0) {
    const { i, leave } = stack.pop()!;
    if (leave) {
      order.push(nodes[i]);
      continue;
    }
    if (seen.has(i)) continue;
    seen.add(i);
    stack.push({ i, leave: true });
    for (const source of sources[i]) if (!seen.has(source)) stack.push({ i: source, leave: false });
  }
  return order;
}
