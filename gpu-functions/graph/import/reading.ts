import { elementOf, GraphError, sizeOf, type HostTensor } from '../tensor.ts';
import type { Value } from '../value.ts';
import type { ReadAttribute } from './attribute-reader.ts';
import type { Importing } from './importing.ts';
import type { ReadNode } from './model-reader.ts';
import { safe } from './whole.ts';

type Kind = ReadAttribute['type'];
type Valued<K extends Kind> = Extract<ReadAttribute, { readonly type: K }>['value'];

const refuse = (why: string): never => {
  throw new GraphError(why);
};

/** A node as its importer reads it. */
export function readingOf(
  node: ReadNode,
  inputs: readonly (Value | undefined)[],
  knownOf: (v: Value) => HostTensor | undefined,
): Importing {
  const attribute = <K extends Kind>(name: string, kind: K): Valued<K> | undefined => {
    const a = node.attributes.get(name);
    if (a && a.type !== kind) refuse(`its attribute '${name}' should be of kind ${kind}, not ${a.type}`);
    return a?.value as Valued<K> | undefined;
  };
  const known = (i: number): HostTensor | undefined => inputs[i] && knownOf(inputs[i]);
  /** The data of an input that must be known if it is there. */
  const needed = (i: number): HostTensor | undefined => {
    if (!inputs[i]) return undefined;
    return (
      known(i) ??
      refuse(
        `its input '${node.inputs[i]}' must be known before the model runs, but it is computed from the model's inputs`,
      )
    );
  };
  const ints = (name: string): number[] | undefined => attribute(name, 'ints')?.map(safe);
  return {
    op: node.op,
    name: node.outputs[0] ?? '',
    inputs,
    outputs: node.outputs,
    get x() {
      return inputs[0] ?? refuse('it lacks its first input');
    },
    known,
    list: (i) => {
      const data = needed(i);
      if (!data) return undefined;
      if (sizeOf(data.shape) > MOST_LISTED) refuse(`its input '${node.inputs[i]}' is too long`);
      return Array.from({ length: data.data.length }, (_, k) => integerAt(data, k));
    },
    number: (i) => {
      const data = needed(i);
      if (data && data.data.length !== 1) refuse(`its input '${node.inputs[i]}' should be one number`);
      return data && elementOf(data, 0);
    },
    int: (name, otherwise) => {
      const value = attribute(name, 'int');
      return value === undefined ? otherwise : safe(value);
    },
    float: (name, otherwise) => attribute(name, 'float') ?? otherwise,
    string: (name, otherwise) => attribute(name, 'string') ?? otherwise,
    ints,
    floats: (name) => attribute(name, 'floats')?.slice(),
    strings: (name) => attribute(name, 'strings')?.slice(),
    tensor: (name) => attribute(name, 'tensor')?.(),
    has: (name) => node.attributes.has(name),
    refuse,
  };
}

/** Shapes, axes, pads and repeats are short. */
const MOST_LISTED = 1 << 16;

function integerAt(tensor: HostTensor, i: number): number {
  const v = tensor.data[i];
  return typeof v === 'bigint' ? safe(v) : elementOf(tensor, i);
}
