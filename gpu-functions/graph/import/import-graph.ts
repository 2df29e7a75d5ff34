import { GraphError, isFloat, sameShape, sizeOf, type HostTensor } from '../tensor.ts';
import { constant, namedConstant, nameValue, uniformTensor, uniformValue, type Value } from '../value.ts';
import { isMade } from './canonical.ts';
import { fold, RESHAPING } from './folding/fold.ts';
import { MOST_ELEMENTS } from './folding/elements.ts';
import { importers } from './importers.ts';
import type { Importer, Importing } from './importing.ts';
import { once, type ReadGraph, type ReadNode, type ReadPort } from './model-reader.ts';
import { orderOf } from './order.ts';
import { readingOf } from './reading.ts';
import { makesSequences, sequenceImporters, type Sequence } from './sequences.ts';
import { MOST_UNROLLED_NODES, unroll } from './unroll.ts';
import { importWhole } from './whole.ts';

/** Names and what they stand for; those of the graph outside are visible inside. */
export interface Scope {
  readonly values: Map<string, Value>;
  /** Why there is no value of a name that a node gives, for whoever reads it. */
  readonly absences: Map<string, string>;
  /** Names of sequences, and their members. */
  readonly sequences: Map<string, Sequence>;
  readonly graph: ReadGraph;
  readonly outside?: Scope;
}

/** A tensor of more elements than this is more than any machine holds. */
const MOST_TENSOR_ELEMENTS = 2 ** 40;
/** More than sizes, masks and positions ever need. */
const MOST_FOLDED_ELEMENTS = 1 << 25;
/** What comes of a parameter is computed beforehand only where it may be a scale or a size. */
const MOST_PARAMETER_ELEMENTS = 64;

/** The import of one model: its graph, and the branches of conditions that are known. */
export class GraphImport {
  /** The weights by name. */
  readonly parameters = new Map<string, Value>();
  private readonly dimension: (symbol: string) => number | undefined;
  /** What is known of values that gradients with respect to parameters must still find in the graph. */
  private readonly knowledge = new WeakMap<Value, HostTensor>();

  /** How many loops deep the import is, and how many of their nodes it has written out. */
  private unrolling = 0;
  private written = 0;
  /** Elements that have been computed. */
  private folded = 0;

  constructor(dimension: (symbol: string) => number | undefined) {
    this.dimension = dimension;
  }

  /** Import what the wanted names depend on. */
  run(scope: Scope, wanted: readonly string[]): void {
    for (const node of orderOf(scope.graph, wanted)) this.node(node, scope);
  }

  /** The value of a name, from the innermost graph that has it. @throws GraphError where none has */
  value(name: string, scope: Scope, reader: string): Value {
    for (let s: Scope | undefined = scope; s; s = s.outside) {
      const value = s.values.get(name);
      if (value) return value;
      const absence = s.absences.get(name);
      if (absence) throw new GraphError(absence);
      const initializer = s.graph.initializers.get(name);
      if (initializer) return this.initializer(name, initializer(), s);
    }
    throw new GraphError(`the model's ${reader} reads '${name}', which nothing makes; the file is damaged`);
  }

  /** Weights are parameters; integers are not, as they have no gradient, nor is what was an attribute before it was converted. */
  private initializer(name: string, tensor: HostTensor, scope: Scope): Value {
    const made = isMade(name);
    const value = isFloat(tensor.dtype) && !made ? namedConstant(name, tensor) : constant(tensor);
    scope.values.set(name, value);
    if (made) return value;
    nameValue(value, name);
    if (!this.parameters.has(name)) this.parameters.set(name, value);
    return value;
  }

  private node(node: ReadNode, scope: Scope): void {
    if (this.unrolling > 0 && ++this.written > MOST_UNROLLED_NODES) {
      throw new GraphError('its loops are too long to be written out');
    }
    const label = `${operatorOf(node)} '${node.name || node.outputs.find((o) => o !== '') || ''}'`;
    const lists = node.inputs.map((name) => this.sequence(name, scope));
    if (node.domain === '' && (makesSequences(node.op) || lists.some((list) => list))) {
      described(label, () => this.sequenceNode(node, lists, scope, label));
      return;
    }
    const inputs = node.inputs.map((name) => (name === '' ? undefined : this.value(name, scope, label)));
    const made = described(label, () => this.outputs(node, inputs, scope));
    for (const [i, name] of node.outputs.entries()) {
      if (name === '') continue;
      const value = made[i];
      if (!value) {
        scope.absences.set(name, `the model's ${label} cannot be imported: ${absent(node, name)}`);
        continue;
      }
      if (sizeOf(value.shape) > MOST_TENSOR_ELEMENTS) {
        throw new GraphError(
          `the model's ${label} would give a tensor of [${value.shape.join(', ')}]; give smaller shapes`,
        );
      }
      nameValue(value, node.name || name);
      scope.values.set(name, value);
      if (value.node.op === 'Constant' && value.node.name === name && !this.parameters.has(name)) {
        this.parameters.set(name, value);
      }
    }
  }

  private sequence(name: string, scope: Scope): Sequence | undefined {
    for (let s: Scope | undefined = scope; s; s = s.outside) {
      const found = s.sequences.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** A node that takes or makes a sequence, which is only known here: in the graph there are its members. */
  private sequenceNode(
    node: ReadNode,
    lists: readonly (Sequence | undefined)[],
    scope: Scope,
    label: string,
  ): void {
    const inputs = node.inputs.map((name, i) =>
      name === '' || lists[i] ? undefined : this.value(name, scope, label),
    );
    const reading = readingOf(node, inputs, (v) => this.known(v));
    const importer = Object.hasOwn(sequenceImporters, node.op) ? sequenceImporters[node.op] : undefined;
    if (!importer) return reading.refuse('it takes sequences, which is not supported');
    const list = (i: number): Sequence =>
      lists[i] ?? reading.refuse(`its input ${i} is no sequence that is known`);
    const made = importer({ node: reading, list });
    const [name] = node.outputs;
    if (!Array.isArray(made)) {
      scope.values.set(name, made as Value);
      return;
    }
    scope.sequences.set(name, made as Sequence);
    scope.absences.set(name, `the model's ${label} gives a sequence, where a tensor is needed`);
  }

  private outputs(
    node: ReadNode,
    inputs: readonly (Value | undefined)[],
    scope: Scope,
  ): readonly (Value | undefined)[] {
    if (node.op === 'If' && node.domain === '') {
      const condition = inputs[0] && this.known(inputs[0]);
      if (condition) return this.branch(node, Number(condition.data[0]) !== 0, scope);
    }
    if (node.op === 'Loop' && node.domain === '') {
      const unrolled = this.attempt(() => this.unrolled(node, inputs, scope));
      if (unrolled) return unrolled;
    }
    const importer = importerOf(node);
    const reading = readingOf(node, inputs, (v) => this.known(v));
    const make = () =>
      importer ? [importer(reading)].flat() : importWhole(node, this.surroundings(node, scope));
    return this.fold(reading, node, make) ?? make();
  }

  /** Put what is known in the place of what computes it, where no gradient may be asked for. */
  private fold(
    reading: Importing,
    node: ReadNode,
    make: () => readonly (Value | undefined)[],
  ): readonly (Value | undefined)[] | undefined {
    if (node.domain !== '') return undefined;
    const behind = reading.inputs.filter((v) => v !== undefined);
    const parameters = behind.filter((v) => this.isOfParameters(v));
    const small = parameters.every((v) => sizeOf(v.shape) <= MOST_PARAMETER_ELEMENTS);
    if (!small || this.folded > MOST_FOLDED_ELEMENTS) return undefined;
    if (RESHAPING.has(node.op)) {
      const data = reading.known(0);
      if (!data || (parameters.length > 0 && node.op === 'Identity')) return undefined;
      const [value] = make();
      return value && [this.kept({ ...data, shape: value.shape }, value, parameters.length > 0)];
    }
    // One number everywhere is cheaper as it is.
    if (node.op === 'Expand' && uniformValue(reading.x) !== undefined) return undefined;
    const data = fold(reading);
    if (!data) return undefined;
    for (const { shape } of data) this.folded += sizeOf(shape);
    if (parameters.length === 0 || !isFloat(data[0].dtype)) return data.map((t) => constant(t));
    return make().map((v, i) => v && this.kept(data[i], v, true));
  }

  private kept(data: HostTensor | undefined, value: Value, ofParameters: boolean): Value {
    if (!data) return value;
    if (!ofParameters) return constant(data);
    this.knowledge.set(value, data);
    return value;
  }

  private isOfParameters(value: Value): boolean {
    return value.node.name !== undefined || this.knowledge.has(value);
  }

  /** The data of a value, where they are known before the model runs. */
  private known(value: Value): HostTensor | undefined {
    return value.node.tensor ?? this.knowledge.get(value) ?? uniformTensor(value, MOST_ELEMENTS);
  }

  /** The branch of an If whose condition is known, in the place of the If. */
  private branch(node: ReadNode, condition: boolean, outside: Scope): readonly Value[] {
    const attribute = node.attributes.get(condition ? 'then_branch' : 'else_branch');
    if (attribute?.type !== 'graph') throw new GraphError('it lacks a branch');
    const scope: Scope = {
      graph: attribute.value,
      values: new Map(),
      absences: new Map(),
      sequences: new Map(),
      outside,
    };
    const names = attribute.value.outputs.map((p) => p.name);
    this.run(scope, names);
    return names.map((name) => this.value(name, scope, 'branch'));
  }

  /** What both branches of an If give when they are imported, where that is the same. */
  private branchTypes(node: ReadNode, scope: Scope): readonly (Value | undefined)[] {
    if (node.op !== 'If' || node.domain !== '') return [];
    const before = new Set(this.parameters.keys());
    const both = this.attempt(() => [this.branch(node, true, scope), this.branch(node, false, scope)]);
    // They were imported for their types only.
    for (const name of this.parameters.keys()) if (!before.has(name)) this.parameters.delete(name);
    if (!both) return [];
    const [yes, no] = both;
    return yes.map((v, i) => (v.dtype === no[i]?.dtype && sameShape(v.shape, no[i].shape) ? v : undefined));
  }

  /** What cannot be imported may still be taken over whole: undefined then. */
  private attempt<T>(make: () => T): T | undefined {
    const before = new Set(this.parameters.keys());
    try {
      return make();
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      for (const name of this.parameters.keys()) if (!before.has(name)) this.parameters.delete(name);
      return undefined;
    }
  }

  /** The iterations of a short Loop, where it is known beforehand how often it runs, in the place of the Loop. */
  private unrolled(
    node: ReadNode,
    inputs: readonly (Value | undefined)[],
    outside: Scope,
  ): readonly (Value | undefined)[] | undefined {
    const attribute = node.attributes.get('body');
    if (attribute?.type !== 'graph') throw new GraphError('it lacks its body');
    const graph = attribute.value;
    const names = graph.outputs.map((p) => p.name);
    this.unrolling++;
    try {
      return unroll(graph, inputs, {
        known: (v) => this.known(v),
        run: (values) => {
          const scope: Scope = { graph, values, absences: new Map(), sequences: new Map(), outside };
          this.run(scope, names);
          return names.map((name) => this.value(name, scope, 'Loop'));
        },
      });
    } finally {
      this.unrolling--;
    }
  }

  private surroundings(node: ReadNode, scope: Scope) {
    return {
      value: (name: string) => this.value(name, scope, node.op),
      declared: (name: string): ReadPort | undefined =>
        scope.graph.values.get(name) ?? scope.graph.outputs.find((p) => p.name === name),
      inferred: once(() => this.branchTypes(node, scope)),
      dimension: this.dimension,
    };
  }
}

const operatorOf = (node: ReadNode): string => (node.domain ? `${node.domain}.${node.op}` : node.op);

function importerOf(node: ReadNode): Importer | undefined {
  const operator = operatorOf(node);
  return Object.hasOwn(importers, operator) ? importers[operator] : undefined;
}

/** What is taken over whole because of the graphs inside of it. */
const WITH_GRAPHS: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan']);

function absent(node: ReadNode, name: string): string {
  if (importerOf(node)) return `its output '${name}' is not supported`;
  const why = WITH_GRAPHS.has(node.op)
    ? 'what it does is open until the model runs'
    : 'the operator is not known';
  return `${why}, and the shape of its output '${name}' is not in the file; infer shapes with sizes for all open dimensions (onnx.shape_inference), or import only 'outputs' that do not need it`;
}

/** Errors name the node. What is thrown for operands of a kind that no importer expects is an error of the file, too. */
function described<T>(label: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const why =
      error instanceof GraphError
        ? error.message
        : `its inputs or attributes do not fit the operator (${String(error)})`;
    if (why.startsWith("the model's ")) throw error;
    throw new GraphError(`the model's ${label} cannot be imported: ${why}`, { cause: error });
  }
}
