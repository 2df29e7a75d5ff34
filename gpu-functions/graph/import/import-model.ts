import { importers } from './importers.ts';
import type { Importing } from './importing.ts';
import { readModel, type ExternalFiles, type ReadNode } from './model-reader.ts';
import type { Message } from './protobuf-reader.ts';
import { GraphError, sameShape } from '../tensor.ts';
import { constantInts, input, namedConstant, type Value } from '../value.ts';

export interface ImportOptions {
  /** What to use for the model's inputs; the others become graph inputs of their names. Needed where the file leaves a dimension open. */
  readonly inputs?: Readonly<Record<string, Value>>;
  /** Where the bytes of weight files beside the model come from. */
  readonly external?: ExternalFiles;
}

export interface ImportedModel {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  /** The weights by name; gradients may be taken with respect to them. */
  readonly initializers: Readonly<Record<string, Value>>;
}

/**
 * Bring an ONNX model (opset 13–18) into the graph language, where it can be differentiated, extended and compiled.
 * @throws GraphError naming the operator, where one is unknown or used in a way that has no equal here
 */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const model = readModel(bytes, options.external);
  if (model.opset < 13 || model.opset > 18) {
    throw new GraphError(`the model is of ONNX opset ${model.opset}; export it with opset 17 or 18`);
  }
  const values = new Map<string, Value>();
  const initializers: Record<string, Value> = {};
  for (const [name, tensor] of model.initializers) {
    initializers[name] = namedConstant(name, tensor);
    values.set(name, initializers[name]);
  }
  const inputs: Record<string, Value> = {};
  for (const { name, shape, dtype } of model.inputs) {
    const given = options.inputs?.[name];
    if (!given && shape.includes(-1)) {
      throw new GraphError(`the model leaves the shape of its input '${name}' open; give a value for it`);
    }
    inputs[name] = given ?? input(name, shape, dtype);
    const fits = inputs[name].shape.length === shape.length;
    const same = sameShape(
      inputs[name].shape,
      shape.map((d, i) => (d === -1 ? inputs[name].shape[i] : d)),
    );
    if (!fits || !same || inputs[name].dtype !== dtype) {
      throw new GraphError(
        `the model's input '${name}' is ${dtype} [${shape.join(', ')}], not ${inputs[name].dtype} [${inputs[name].shape.join(', ')}]`,
      );
    }
    values.set(name, inputs[name]);
  }
  for (const node of model.nodes) {
    importNode(node, values);
    for (const name of node.outputs) {
      const made = values.get(name);
      if (made?.node.op === 'Constant' && made.node.name === name) initializers[name] = made;
    }
  }
  const outputs: Record<string, Value> = {};
  for (const { name } of model.outputs) outputs[name] = values.get(name)!;
  return { inputs, outputs, initializers };
}

function importNode(node: ReadNode, values: Map<string, Value>): void {
  const importer = node.domain === '' || node.domain === 'ai.onnx' ? importers[node.op] : undefined;
  if (!importer) {
    const name = node.domain ? `${node.domain}.${node.op}` : node.op;
    throw new GraphError(`the model uses the ONNX operator ${name}, which cannot be imported`);
  }
  const made = [importer(reading(node, values))].flat();
  for (const [i, name] of node.outputs.entries()) {
    if (name === '') continue;
    if (!made[i])
      throw new GraphError(`the model uses output ${i} of an ONNX ${node.op}, which cannot be imported`);
    values.set(name, made[i]);
  }
}

function reading(node: ReadNode, values: Map<string, Value>): Importing {
  const attribute = (name: string): Message | undefined => node.attributes.get(name);
  const inputs = node.inputs.map((name) => {
    if (name === '') return undefined;
    const v = values.get(name);
    if (!v) throw new GraphError(`the model's ${node.op} reads '${name}', which nothing makes`);
    return v;
  });
  return {
    op: node.op,
    name: node.outputs[0],
    inputs,
    outputs: node.outputs.length,
    x: inputs[0]!,
    list: (i) => (inputs[i] ? constantInts(inputs[i]) : undefined),
    int: (name, otherwise) => attribute(name)?.int(3) ?? otherwise,
    float: (name, otherwise) => attribute(name)?.floats(2)[0] ?? otherwise,
    string: (name, otherwise) => attribute(name)?.string(4) ?? otherwise,
    ints: (name) => attribute(name)?.ints(8).map(Number),
    attribute,
    refuse: (why) => {
      throw new GraphError(`the model's ONNX ${node.op} cannot be imported: ${why}`);
    },
  };
}
