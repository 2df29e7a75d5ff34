import { GraphError, type HostTensor } from '../tensor.ts';
import type { ReadAttribute } from './attribute-reader.ts';
import type { Opsets, ReadFunction, ReadGraph, ReadModel, ReadNode } from './model-reader.ts';
import { convertNode, NEWEST_OPSET, OLDEST_OPSET, type Additions } from './opset.ts';
import { renameNode } from './rename.ts';

/** Functions that call functions may multiply without end. */
const MOST_NODES = 1 << 20;

/**
 * A model's graph in the words of opset 18: functions of the model's own are written out, and what other opsets say otherwise is converted,
 * in graphs inside of nodes too.
 * @throws GraphError for an opset that is not known, and for functions that call each other in a circle
 */
export function canonicalGraph(model: ReadModel): ReadGraph {
  return new Canonical(model.functions).graph(model.graph, model.opsets);
}

const keyOf = (f: { domain: string; name: string; overload: string }): string =>
  JSON.stringify([f.domain, f.name, f.overload]);

/** A control character, so that it begins no name of the file's. */
const CONTROL = '\u0001';

/** Whether a name was made here, for what a conversion needed. */
export const isMade = (name: string): boolean => name.startsWith(CONTROL);

class Canonical {
  private readonly functions: ReadonlyMap<string, ReadFunction>;
  /** The functions being written out. */
  private readonly calls = new Set<ReadFunction>();
  private names = 0;
  private count = 0;

  constructor(functions: readonly ReadFunction[]) {
    this.functions = new Map(functions.map((f) => [keyOf(f), f]));
  }

  graph(graph: ReadGraph, opsets: Opsets): ReadGraph {
    const initializers = new Map(graph.initializers);
    const make: Additions = {
      constant: (tensor: HostTensor) => {
        const name = this.name();
        initializers.set(name, () => tensor);
        return name;
      },
      name: () => this.name(),
    };
    const nodes = graph.nodes.flatMap((n) => this.node(n, opsets, make));
    return { ...graph, nodes, initializers };
  }

  private name(): string {
    return `${CONTROL}${this.names++}`;
  }

  private node(node: ReadNode, opsets: Opsets, make: Additions): readonly ReadNode[] {
    if (++this.count > MOST_NODES) {
      throw new GraphError(`the model has more than ${MOST_NODES} nodes once its functions are written out`);
    }
    const called = this.functions.get(keyOf({ ...node, name: node.op }));
    if (called && node.domain !== '') return this.call(node, called, make);
    const inner = this.withInner(node, opsets);
    if (node.domain !== '') return [inner];
    const opset = opsets.get('') ?? 0;
    if (opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
      throw new GraphError(
        `the model is of ONNX opset ${opset}; export it with an opset from 11 to ${NEWEST_OPSET}`,
      );
    }
    return convertNode(inner, opset, make);
  }

  private withInner(node: ReadNode, opsets: Opsets): ReadNode {
    if (![...node.attributes.values()].some((a) => a.type === 'graph')) return node;
    const attributes = new Map<string, ReadAttribute>();
    for (const [name, a] of node.attributes) {
      attributes.set(name, a.type === 'graph' ? { ...a, value: this.graph(a.value, opsets) } : a);
    }
    return { ...node, attributes };
  }

  private call(node: ReadNode, called: ReadFunction, make: Additions): readonly ReadNode[] {
    if (this.calls.has(called)) {
      throw new GraphError(`the model's function ${called.domain}.${called.name} calls itself`);
    }
    this.calls.add(called);
    const names = new Map<string, string>();
    for (const [i, name] of called.inputs.entries()) names.set(name, node.inputs[i] ?? '');
    const passed: ReadNode[] = [];
    for (const [i, name] of called.outputs.entries()) {
      const wanted = node.outputs[i];
      if (!wanted) continue;
      if (!names.has(name)) names.set(name, wanted);
      else passed.push({ ...identity, inputs: [names.get(name)!], outputs: [wanted] });
    }
    const renaming = {
      name: (name: string): string => {
        let renamed = names.get(name);
        if (renamed === undefined) {
          renamed = this.name();
          names.set(name, renamed);
        }
        return renamed;
      },
      reference: (name: string) => node.attributes.get(name) ?? called.defaults.get(name),
    };
    const nodes = called.nodes.flatMap((inner) =>
      this.node({ ...renameNode(inner, renaming), name: `${node.name}/${inner.name}` }, called.opsets, make),
    );
    this.calls.delete(called);
    return [...nodes, ...passed];
  }
}

const identity = { name: '', op: 'Identity', domain: '', overload: '', attributes: new Map() };
