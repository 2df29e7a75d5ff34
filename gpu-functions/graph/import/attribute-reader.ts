import { GraphError, type HostTensor } from '../tensor.ts';
import type { ReadGraph } from './model-reader.ts';
import type { Message } from './protobuf-reader.ts';

/** The value of a node's attribute. Tensors are read when asked for. */
export type ReadAttribute =
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: () => HostTensor }
  | { readonly type: 'graph'; readonly value: ReadGraph }
  | { readonly type: 'ints'; readonly value: readonly bigint[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  /** In the body of a function: the attribute of that name where it is called. */
  | { readonly type: 'reference'; readonly value: string }
  | { readonly type: 'unsupported'; readonly value: string };

export type ReadAttributes = ReadonlyMap<string, ReadAttribute>;

/** AttributeProto.AttributeType, and the field each lies in. */
const FLOAT = { type: 1, field: 2 };
const INT = { type: 2, field: 3 };
const STRING = { type: 3, field: 4 };
const TENSOR = { type: 4, field: 5 };
const GRAPH = { type: 5, field: 6 };
const FLOATS = { type: 6, field: 7 };
const INTS = { type: 7, field: 8 };
const STRINGS = { type: 8, field: 9 };
const SPARSE = { type: 11, field: 22 };
const KINDS = [FLOAT, INT, STRING, TENSOR, GRAPH, FLOATS, INTS, STRINGS, SPARSE];

/** What reading an attribute needs from the reader of the model. */
export interface NestedReaders {
  readonly graph: (graph: Message) => ReadGraph;
  readonly tensor: (tensor: Message) => HostTensor;
  readonly sparse: (tensor: Message) => HostTensor;
}

/** Read an AttributeProto. */
export function readAttribute(attribute: Message, nested: NestedReaders): ReadAttribute {
  const reference = attribute.string(21);
  if (reference) return { type: 'reference', value: reference };
  // Files older than IR version 3 leave the type out.
  const type = attribute.int(20) || (KINDS.find(({ field }) => attribute.has(field))?.type ?? 0);
  switch (type) {
    case FLOAT.type:
      return { type: 'float', value: attribute.floats(FLOAT.field)[0] ?? 0 };
    case INT.type:
      return { type: 'int', value: attribute.bigint(INT.field) };
    case STRING.type:
      return { type: 'string', value: attribute.string(STRING.field) };
    case TENSOR.type:
    case SPARSE.type: {
      const sparse = type === SPARSE.type;
      const tensor = attribute.message(sparse ? SPARSE.field : TENSOR.field);
      if (!tensor) throw new GraphError(`the attribute '${attribute.string(1)}' of a node lacks its tensor`);
      return { type: 'tensor', value: () => (sparse ? nested.sparse(tensor) : nested.tensor(tensor)) };
    }
    case GRAPH.type: {
      const graph = attribute.message(GRAPH.field);
      if (!graph) throw new GraphError(`the attribute '${attribute.string(1)}' of a node lacks its graph`);
      return { type: 'graph', value: nested.graph(graph) };
    }
    case FLOATS.type:
      return { type: 'floats', value: [...attribute.floats(FLOATS.field)] };
    case INTS.type:
      return { type: 'ints', value: attribute.bigints(INTS.field) };
    case STRINGS.type:
      return { type: 'strings', value: attribute.strings(STRINGS.field) };
    default:
      return { type: 'unsupported', value: `an attribute of kind ${type}` };
  }
}
