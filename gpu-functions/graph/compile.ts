import { bindCaptures } from './foreign.ts';
import { HalfPolicy } from './half.ts';
import { forecastMemory, type MemoryForecast, type ValueSize } from './memory.ts';
import { writeModel, type ModelGraph, type ModelNode, type Port } from './model-writer.ts';
import { onnxTypes } from './onnx-types.ts';
import { reachable, usesOf } from './reach.ts';
import { arrayOf, GraphError, sizeOf } from './tensor.ts';
import { Value, type Node } from './value.ts';

/** A compiled graph: an ONNX model. */
export interface Model {
  /** The ModelProto; encoded when first asked for. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly graph: ModelGraph;
  readonly opset: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Whether it adds at indices (ScatterND), which ONNX Runtime does rightly on the CPU only with one thread. */
  readonly scatters: boolean;
  readonly nodeCount: number;
  /** What a run is going to hold, worked out from the graph when first asked for. */
  readonly memory: MemoryForecast;
}

export interface CompileOptions {
  readonly name?: string;
  /** 18 is the newest that the CUDA provider supports without falling back to the CPU for single operators. */
  readonly opset?: number;
  /** 'float16': products with weights are computed in half precision, see {@link HalfPolicy}. */
  readonly precision?: 'float32' | 'float16';
  /** Values that are not computed but fed, by the names of the inputs that they become. */
  readonly given?: Readonly<Record<string, Value>>;
}

/**
 * Compile what the named outputs depend on. Equal nodes are merged, constants shared, and what a loop's body computes without its locals
 * is moved out of it.
 */
export function compile(outputs: Readonly<Record<string, Value>>, options: CompileOptions = {}): Model {
  const { name = 'graph', opset = 18, precision = 'float32', given = {} } = options;
  const half = precision === 'float16' ? new HalfPolicy() : undefined;
  const { graph, scatters, nodeCount, sizes } = new Compilation(outputs, given, half).build(name);
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let memory: MemoryForecast | undefined;
  return {
    get bytes() {
      return (bytes ??= writeModel(graph, opset));
    },
    graph,
    opset,
    inputs: graph.inputs,
    outputs: graph.outputs,
    scatters,
    nodeCount,
    get memory() {
      return (memory ??= forecastMemory(graph, (value) => sizes.get(value)));
    },
  };
}

function sizeOfValue({ shape, dtype }: Value): ValueSize {
  const element = arrayOf(dtype).BYTES_PER_ELEMENT;
  return { bytes: sizeOf(shape) * element, kind: `${element} [${shape.join()}]` };
}

function portOf({ shape, dtype }: Value, name: string): Port {
  return { name, shape, dtype };
}

class Compilation {
  private readonly outputs: Readonly<Record<string, Value>>;
  private readonly nodes: Node[];
  private readonly half: HalfPolicy | undefined;
  /** Names of values in half precision. */
  private readonly halves = new Map<string, string>();
  /** What stands for a value after merging; names are those of the representative. */
  private readonly representative = new Map<Value, Value>();
  private readonly known = new Map<string, Node>();
  private readonly identities = new Map<object, number>();
  /** The loops whose locals a node depends on. */
  private readonly scopes = new Map<Node, ReadonlySet<object>>();
  /** Emitted nodes: of the main graph (null) and of each loop's body. */
  private readonly frames = new Map<object | null, ModelNode[]>();
  /** When a loop's locals were made; those of an inner loop come after those of the outer. */
  private readonly beginnings = new Map<object, number>();
  private readonly names = new Map<Value, string>();
  /** Of named values. */
  private readonly sizes = new Map<string, ValueSize>();
  private readonly inputs = new Map<string, Port>();
  private readonly initializers: { name: string; tensor: NonNullable<Node['tensor']> }[] = [];
  private counter = 0;
  private scatters = false;

  constructor(
    outputs: Readonly<Record<string, Value>>,
    given: Readonly<Record<string, Value>>,
    half?: HalfPolicy,
  ) {
    this.outputs = outputs;
    this.half = half;
    this.nodes = reachable(Object.values(outputs), new Set(Object.values(given)));
    for (const [name, value] of Object.entries(given)) {
      this.scopes.set(value.node, new Set());
      this.take(value, name);
    }
  }

  /** Have a value fed under a name. */
  private take(value: Value, name: string): void {
    this.names.set(value, name);
    this.inputs.set(name, portOf(value, name));
  }

  build(name: string): {
    graph: ModelGraph;
    scatters: boolean;
    nodeCount: number;
    sizes: ReadonlyMap<string, ValueSize>;
  } {
    const main = this.frame(null);
    for (const node of this.nodes) this.lower(node);
    const outputs = Object.entries(this.outputs).map(([key, value]) => {
      if (this.scopes.get(this.of(value).node)!.size > 0) {
        throw new GraphError(
          `compile: the output '${key}' belongs to the inside of a loop; return it from the body`,
        );
      }
      return { name: key, shape: value.shape, dtype: value.dtype, source: this.of(value) };
    });
    for (const { name: key, source } of outputs) {
      if (this.inputs.has(key)) {
        throw new GraphError(
          `compile: '${key}' names both an input and an output; give the output another name`,
        );
      }
      main.push({ op: 'Identity', inputs: [this.nameOf(source)], outputs: [key], attributes: {} });
      this.sizes.set(key, sizeOfValue(source));
    }
    const graph: ModelGraph = {
      name,
      nodes: main,
      initializers: this.initializers,
      inputs: [...this.inputs.values()],
      outputs: outputs.map(({ name: key, shape, dtype }) => ({ name: key, shape, dtype })),
    };
    const nodeCount = [...this.frames.values()].reduce((n, f) => n + f.length, 0);
    return { graph, scatters: this.scatters, nodeCount, sizes: this.sizes };
  }

  private frame(scope: object | null): ModelNode[] {
    let frame = this.frames.get(scope);
    if (!frame) {
      frame = [];
      this.frames.set(scope, frame);
    }
    return frame;
  }

  private of(value: Value): Value {
    return this.representative.get(value) ?? value;
  }

  private nameOf(value: Value | null): string {
    if (!value) return '';
    const v = this.of(value);
    let name = this.names.get(v);
    if (name === undefined) {
      name = `#${this.counter++}`;
      this.names.set(v, name);
      this.sizes.set(name, sizeOfValue(v));
    }
    return name;
  }

  private identityOf(o: object): number {
    let id = this.identities.get(o);
    if (id === undefined) {
      id = this.identities.size;
      this.identities.set(o, id);
    }
    return id;
  }

  /** What two nodes must share to be one; undefined for those that stay apart. */
  private keyOf(node: Node): string | undefined {
    const { op, tensor } = node;
    if (op === 'Loop' || op === 'LoopLocal' || node.foreign) return undefined;
    if (op === 'Input') return `Input ${node.name}`;
    if (tensor) {
      const content = tensor.data.byteLength <= 256 ? tensor.data.join() : `@${this.identityOf(tensor.data)}`;
      return `Constant ${tensor.dtype} [${tensor.shape.join()}] ${content}`;
    }
    const inputs = node.inputs.map((v) => {
      if (!v) return '';
      const r = this.of(v);
      return `${r.node.id}.${r.index}`;
    });
    const attributes = JSON.stringify(node.attributes, (_, v) =>
      ArrayBuffer.isView(v) ? `@${this.identityOf(v)}` : v,
    );
    return `${op} ${inputs.join()} ${attributes}${this.half?.applies(node) ? ' half' : ''}`;
  }

  private merged(node: Node): boolean {
    const key = this.keyOf(node);
    if (key === undefined) return false;
    const twin = this.known.get(key);
    if (!twin) {
      this.known.set(key, node);
      return false;
    }
    for (const [i, v] of node.outputs.entries()) {
      const other = twin.outputs[i];
      if (other.dtype !== v.dtype || other.shape.join() !== v.shape.join()) {
        throw new GraphError(
          `compile: the input '${node.name}' is used as ${v.dtype} [${v.shape.join(', ')}] and as ${other.dtype} [${other.shape.join(', ')}]`,
        );
      }
      this.representative.set(v, other);
    }
    return true;
  }

  private lower(node: Node): void {
    // Those only concern differentiation and precision.
    if (node.op === 'StopGradient' || node.op === 'Differentiated' || node.op === 'InFloat32') {
      this.representative.set(node.outputs[0], this.of(node.inputs[0]!));
      return;
    }
    if (this.merged(node)) return;
    const scope = this.scopeOf(node);
    this.scopes.set(node, scope);
    if (node.op === 'Input') {
      this.take(node.outputs[0], node.name!);
    } else if (node.tensor) {
      this.initializers.push({ name: this.nameOf(node.outputs[0]), tensor: node.tensor });
    } else if (node.op !== 'LoopLocal') {
      this.emit(node, this.frame(this.innermost(scope)));
    }
  }

  /** The loops a node is inside of: those of its inputs and of its body's captures, less its own. */
  private scopeOf(node: Node): ReadonlySet<object> {
    if (node.op === 'LoopLocal') {
      if (!this.beginnings.has(node.scope!)) this.beginnings.set(node.scope!, node.id);
      return new Set([node.scope!]);
    }
    const scope = new Set<object>();
    for (const v of usesOf(node)) {
      for (const s of this.scopes.get(this.of(v).node)!) scope.add(s);
    }
    if (node.body) scope.delete(node.scope!);
    return scope;
  }

  /** Of the loops a node is inside of, the deepest. */
  private innermost(scope: ReadonlySet<object>): object | null {
    let deepest: object | null = null;
    let id = -1;
    for (const s of scope) {
      const began = this.beginnings.get(s)!;
      if (began > id) {
        id = began;
        deepest = s;
      }
    }
    return deepest;
  }

  private emit(node: Node, frame: ModelNode[]): void {
    if (node.op === 'ScatterND' || node.foreign?.scatters) this.scatters = true;
    const inputs = node.inputs.map((v) => this.nameOf(v));
    const outputs = node.outputs.map((v) => this.nameOf(v));
    const { op, attributes, foreign } = node;
    if (foreign) {
      frame.push({ op, outputs, attributes, ...bindCaptures(foreign, inputs) });
      return;
    }
    if (this.half?.applies(node)) {
      this.emitHalf(node, frame);
      return;
    }
    frame.push({ op, inputs, outputs, attributes, ...(node.body ? { body: this.body(node) } : {}) });
  }

  /** A node between casts of its inputs to float16 and of its output back. */
  private emitHalf({ op, inputs, outputs, attributes }: Node, frame: ModelNode[]): void {
    const [y] = outputs;
    const name = this.nameOf(y);
    const made = this.halfName(y);
    const halves = inputs.map((v) => (v ? this.inHalf(v) : ''));
    frame.push({ op, inputs: halves, outputs: [made], attributes });
    frame.push({ op: 'Cast', inputs: [made], outputs: [name], attributes: { to: onnxTypes.float32 } });
  }

  /** The name of a value cast to float16, where the value itself is made. */
  private inHalf(value: Value): string {
    const name = this.nameOf(value);
    const known = this.halves.get(name);
    if (known !== undefined) return known;
    const half = this.halfName(value);
    this.halves.set(name, half);
    const frame = this.frame(this.innermost(this.scopes.get(this.of(value).node)!));
    frame.push({ op: 'Cast', inputs: [name], outputs: [half], attributes: { to: onnxTypes.float16 } });
    return half;
  }

  private halfName({ shape }: Value): string {
    const name = `#${this.counter++}`;
    this.sizes.set(name, { bytes: 2 * sizeOf(shape), kind: `2 [${shape.join()}]` });
    return name;
  }

  private body(node: Node): ModelGraph {
    const { iteration, locals, next, outputs } = node.body!;
    const frame = this.frame(node.scope!);
    const going = `#${this.counter++}`;
    const goOn = `#${this.counter++}`;
    frame.push({ op: 'Identity', inputs: [going], outputs: [goOn], attributes: {} });
    const made = new Set(frame.flatMap((n) => n.outputs));
    const given = [...next, ...outputs].map((v) => {
      const name = this.nameOf(v);
      // A body's outputs must be made in it, each under a name of its own.
      if (made.delete(name)) return portOf(v, name);
      const copy = `#${this.counter++}`;
      frame.push({ op: 'Identity', inputs: [name], outputs: [copy], attributes: {} });
      this.sizes.set(copy, sizeOfValue(v));
      return portOf(v, copy);
    });
    return {
      name: 'body',
      nodes: frame,
      initializers: [],
      inputs: [
        portOf(iteration, this.nameOf(iteration)),
        { name: going, shape: [], dtype: 'bool' },
        ...locals.map((v) => portOf(v, this.nameOf(v))),
      ],
      outputs: [{ name: goOn, shape: [], dtype: 'bool' }, ...given],
    };
  }
}
