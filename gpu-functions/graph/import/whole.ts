import { captureName, scattersIn } from '../foreign.ts';
import type { InnerGraph, ModelNode, OpenPort } from '../model-writer.ts';
import { GraphError, type DType, type Shape } from '../tensor.ts';
import { makeNode, type Attribute, type Value } from '../value.ts';
import type { ReadAttribute } from './attribute-reader.ts';
import type { ReadGraph, ReadNode, ReadPort } from './model-reader.ts';
import { capturesOf } from './order.ts';
import { renameGraph } from './rename.ts';
import { checkedSize, dtypeOfCode } from './tensor-reader.ts';

/** What a node that is taken over whole needs to know of the graph it stands in. */
export interface Surroundings {
  /** The value of a name. @throws GraphError where nothing makes it */
  readonly value: (name: string) => Value;
  /** What the file says of the type of a name. */
  readonly declared: (name: string) => ReadPort | undefined;
  /** The types of the outputs of the node, where they can be found without the file. */
  readonly inferred: () => readonly ({ dtype: DType; shape: Shape } | undefined)[];
  /** The size of a dimension that the file leaves open, where it has been given. */
  readonly dimension: (symbol: string) => number | undefined;
}

/** Operators that came, or got another meaning, after opset 18: in a model of opset 18 there is no saying them. */
const AFTER_18 = new Set([
  'AffineGrid',
  'DeformConv',
  'DFT',
  'Gelu',
  'GroupNormalization',
  'ImageDecoder',
  'RegexFullMatch',
  'StringConcat',
  'StringSplit',
]);

let prefixes = 0;

/**
 * Take an operator over as it is, with the graphs inside of it: it computes, but no gradient flows through it. The types of its outputs are
 * those that the file declares.
 * @returns undefined for outputs of which it declares none: they may not be read
 */
export function importWhole(node: ReadNode, around: Surroundings): readonly (Value | undefined)[] {
  refuseNewer(node);
  const captures = [...capturesOf(node)];
  const operands = node.inputs.map((name) => (name === '' ? null : around.value(name)));
  const inside = new Map(captures.map((name, i) => [name, captureName(i)]));
  const attributes: Record<string, Attribute> = {};
  const graphs: Record<string, InnerGraph> = {};
  for (const [name, a] of node.attributes) {
    if (a.type === 'graph') graphs[name] = innerGraph(a.value, inside);
    else attributes[name] = plainAttribute(a);
  }
  const types = node.outputs.map((name, i) => typeOf(node, name, i, around));
  const foreign = {
    domain: node.domain,
    operands: operands.length,
    graphs,
    scatters: Object.values(graphs).some(scattersIn),
  };
  // What nobody reads may be of any type.
  const outputs = types.map((type) => type ?? { dtype: 'float32' as const, shape: [] });
  const inputs = [...operands, ...captures.map(around.value)];
  const made = makeNode(node.op, inputs, attributes, outputs, { foreign });
  return made.outputs.map((value, i) => (types[i] ? value : undefined));
}

function refuseNewer(node: ReadNode): void {
  if (node.domain === '' && AFTER_18.has(node.op)) {
    throw new GraphError(
      `the operator is newer than opset 18 and is not known; export the model with opset 18`,
    );
  }
}

function plainAttribute(a: ReadAttribute): Attribute {
  switch (a.type) {
    case 'int':
      return safe(a.value);
    case 'ints':
      return a.value.map(safe);
    case 'float':
      return { float: a.value };
    case 'floats':
      return { floats: a.value };
    case 'string':
      return a.value;
    case 'strings':
      return { strings: a.value };
    case 'tensor':
      return a.value();
    default:
      throw new GraphError(
        `it has ${a.type === 'unsupported' ? a.value : `a ${a.type}`}, which is not supported`,
      );
  }
}

/** Integers beyond 2⁵³ only ever mean "to the end". */
export function safe(value: bigint): number {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > most ? most : value < -most ? -most : value);
}

/** A graph as it is to be written, all names its own but those from outside. */
function innerGraph(graph: ReadGraph, captures: ReadonlyMap<string, string>): InnerGraph {
  const prefix = `@${prefixes++}/`;
  const renamed = renameGraph(graph, {
    name: (name) => captures.get(name) ?? prefix + name,
    reference: () => undefined,
  });
  return written(renamed, prefix);
}

function written(graph: ReadGraph, prefix: string): InnerGraph {
  const nodes = graph.nodes.map(writtenNode);
  const made = new Set([...graph.nodes.flatMap((n) => n.outputs), ...graph.initializers.keys()]);
  const outputs = graph.outputs.map((port, i): OpenPort => {
    // What a graph gives must be made in it.
    if (made.has(port.name)) return openPort(port);
    const copy = `${prefix}${i}`;
    nodes.push({ op: 'Identity', inputs: [port.name], outputs: [copy], attributes: {} });
    return { ...openPort(port), name: copy };
  });
  return {
    name: 'inner',
    nodes,
    initializers: [...graph.initializers].map(([name, read]) => ({ name, tensor: read() })),
    inputs: graph.inputs.map(openPort),
    outputs,
  };
}

function writtenNode(node: ReadNode): ModelNode {
  refuseNewer(node);
  const attributes: Record<string, Attribute> = {};
  const graphs: Record<string, InnerGraph> = {};
  for (const [name, a] of node.attributes) {
    if (a.type === 'graph') graphs[name] = written(a.value, `@${prefixes++}/`);
    else attributes[name] = plainAttribute(a);
  }
  const { op, domain, inputs, outputs } = node;
  return { op, ...(domain ? { domain } : {}), inputs, outputs, attributes, graphs };
}

function openPort({ name, dtype, dimensions }: ReadPort): OpenPort {
  const shape = dimensions?.map((d) => (typeof d === 'number' ? d : -1));
  return { name, ...(dtype ? { dtype: dtype() } : {}), ...(shape ? { shape } : {}) };
}

function typeOf(
  node: ReadNode,
  name: string,
  i: number,
  around: Surroundings,
): { dtype: DType; shape: Shape } | undefined {
  if (name === '') return undefined;
  const found =
    known(around.declared(name), around) ??
    likeOperand(node, i, around) ??
    known(branchOutput(node, i), around) ??
    around.inferred()[i];
  if (found) checkedSize(found.shape, `the output '${name}'`);
  return found;
}

function known(
  port: ReadPort | undefined,
  { dimension }: Surroundings,
): { dtype: DType; shape: Shape } | undefined {
  const shape = port?.dimensions?.map((d) => (typeof d === 'number' ? d : dimension(d)));
  if (!port?.dtype || !shape || shape.includes(undefined)) return undefined;
  return { dtype: port.dtype(), shape: shape as number[] };
}

/** Operators whose output is of their input's type, or of that input's shape and a type that they name. */
const LIKE_OPERAND = new Set([
  'Bernoulli',
  'RandomNormalLike',
  'RandomUniformLike',
  'Hardmax',
  'MeanVarianceNormalization',
]);

function likeOperand(
  node: ReadNode,
  i: number,
  { value }: Surroundings,
): { dtype: DType; shape: Shape } | undefined {
  if (i > 0 || node.domain !== '' || !LIKE_OPERAND.has(node.op)) return undefined;
  const { dtype, shape } = value(node.inputs[0]);
  const given = node.attributes.get('dtype');
  return { dtype: given?.type === 'int' ? dtypeOfCode(safe(given.value)) : dtype, shape };
}

/** What the branches of an If, or the body of a Loop, declare of the output of the same place. */
function branchOutput(node: ReadNode, i: number): ReadPort | undefined {
  const graph = (name: string): ReadGraph | undefined => {
    const a = node.attributes.get(name);
    return a?.type === 'graph' ? a.value : undefined;
  };
  if (node.op === 'If') return graph('then_branch')?.outputs[i];
  // After the condition the body gives what is carried, and then what is stacked, whose number of rows is unknown.
  if (node.op === 'Loop') return i < node.inputs.length - 2 ? graph('body')?.outputs[i + 1] : undefined;
  return undefined;
}
