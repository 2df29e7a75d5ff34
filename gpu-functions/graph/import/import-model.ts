import { nameValue, input, type Value } from '../value.ts';
import { GraphError, type Shape } from '../tensor.ts';
import { canonicalGraph } from './canonical.ts';
import { GraphImport, type Scope } from './import-graph.ts';
import { readModel, type ReadGraph, type ReadPort } from './model-reader.ts';
import { checkedSize, type ExternalFiles } from './tensor-reader.ts';

export interface ImportOptions {
  /** What to use for the model's inputs; the others become graph inputs of their names. */
  readonly inputs?: Readonly<Record<string, Value>>;
  /** The shapes of inputs that the file leaves open. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Sizes of open dimensions by the names that the file gives them, like `{ batch: 1 }`. */
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Import only what these need: outputs, or any value that the file names. All outputs by default. */
  readonly outputs?: readonly string[];
  /** Where the bytes of weight files beside the model come from. */
  readonly external?: ExternalFiles;
}

export interface ImportedModel {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  /** The weights that were imported, by name; gradients may be taken with respect to them. */
  readonly initializers: Readonly<Record<string, Value>>;
}

/**
 * Bring an ONNX model (opset 11–21, also 7–10) into the graph language, where it can be differentiated, extended and compiled. Shapes are
 * settled here, and what is computed from them alone is computed. An operator that the language lacks is taken over whole, without a
 * gradient, where the file tells the shape of its results.
 * @throws GraphError naming the node, where one cannot be imported; for open dimensions that are not given; for damaged files
 */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const graph = canonicalGraph(readModel(bytes, options.external));
  const dimensions = new Dimensions(options.dimensions ?? {});
  const wanted = options.outputs ?? graph.outputs.map((p) => p.name);
  const scope: Scope = { graph, values: new Map(), absences: new Map(), sequences: new Map() };
  refuseStrangers(graph.inputs, { ...options.inputs, ...options.shapes });
  for (const port of graph.inputs) {
    const value =
      own(options.inputs, port.name) ?? makeInput(port, own(options.shapes, port.name), dimensions);
    dimensions.check(port, value);
    scope.values.set(port.name, value);
  }
  refuseUnknown(wanted, graph);
  const importing = new GraphImport((symbol) => dimensions.size(symbol));
  importing.run(scope, wanted);
  return {
    inputs: Object.fromEntries(graph.inputs.map(({ name }) => [name, scope.values.get(name)!])),
    outputs: Object.fromEntries(wanted.map((name) => [name, importing.value(name, scope, 'output')])),
    initializers: Object.fromEntries(importing.parameters),
  };
}

/** What a record has of a name that a file chose. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

function refuseUnknown(wanted: readonly string[], graph: ReadGraph): void {
  const names = new Set(graph.nodes.flatMap((n) => n.outputs));
  for (const port of graph.inputs) names.add(port.name);
  const unknown = wanted.find((name) => !names.has(name) && !graph.initializers.has(name));
  if (unknown === undefined) return;
  const outputs = graph.outputs.map((p) => p.name).join(', ') || 'none';
  throw new GraphError(`the model has no value '${unknown}'; its outputs are ${outputs}`);
}

function refuseStrangers(ports: readonly ReadPort[], given: Readonly<Record<string, unknown>>): void {
  const names = ports.map((p) => p.name);
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw new GraphError(`the model has no input '${stranger}'; it has ${names.join(', ') || 'none'}`);
  }
}

function makeInput(port: ReadPort, shape: Shape | undefined, dimensions: Dimensions): Value {
  const { name, dtype } = port;
  if (!dtype) throw new GraphError(`the model's input '${name}' is not a tensor; only tensors are supported`);
  const settled = shape ?? dimensions.shapeOf(port);
  checkedSize(settled, `the input '${name}'`);
  const value = input(name, settled, dtype());
  nameValue(value, name);
  return value;
}

/** What is known of the dimensions that a file leaves open. */
class Dimensions {
  private readonly sizes = new Map<string, { size: number; from: string }>();

  constructor(given: Readonly<Record<string, number>>) {
    for (const [name, size] of Object.entries(given)) this.sizes.set(name, { size, from: 'the options' });
  }

  /** The size of a named dimension. */
  size(symbol: string): number | undefined {
    return this.sizes.get(symbol)?.size;
  }

  /** @throws GraphError naming the axes whose size is not known */
  shapeOf({ name, dimensions }: ReadPort): Shape {
    if (!dimensions) {
      throw new GraphError(`the model leaves the shape of its input '${name}' open; give it in 'shapes'`);
    }
    return dimensions.map((d, axis) => {
      const size = typeof d === 'number' ? d : this.size(d);
      if (size !== undefined) return size;
      const what = d === '' ? `axis ${axis}` : `axis ${axis} ('${d}')`;
      const how = d === '' ? '' : `, or the size of '${d}' in 'dimensions'`;
      throw new GraphError(
        `the model leaves ${what} of its input '${name}' open, [${show(dimensions)}]; give its shape in 'shapes'${how}`,
      );
    });
  }

  /** Compare what is used for an input with its declaration, and learn the sizes of named dimensions from it. */
  check({ name, dtype, dimensions }: ReadPort, { shape, dtype: used }: Value): void {
    if (dtype && dtype() !== used) {
      throw new GraphError(`the model's input '${name}' is ${dtype()}, not ${used}`);
    }
    if (!dimensions) return;
    const wrong = (axis: number, wanted: string): never => {
      throw new GraphError(
        `the model's input '${name}' is [${show(dimensions)}], not [${shape.join(', ')}]: axis ${axis} should be ${wanted}`,
      );
    };
    if (dimensions.length !== shape.length) {
      throw new GraphError(
        `the model's input '${name}' is [${show(dimensions)}], not [${shape.join(', ')}]: it has ${dimensions.length} axes`,
      );
    }
    for (const [axis, d] of dimensions.entries()) {
      const size = shape[axis];
      if (typeof d === 'number') {
        if (d !== size) wrong(axis, String(d));
      } else if (d !== '') {
        const earlier = this.sizes.get(d);
        if (earlier && earlier.size !== size) wrong(axis, `${d} = ${earlier.size}, as in ${earlier.from}`);
        this.sizes.set(d, { size, from: earlier?.from ?? `'${name}'` });
      }
    }
  }
}

const show = (dimensions: readonly (number | string)[]): string => dimensions.map((d) => d || '?').join(', ');
