import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from '../protobuf.ts';
import { hostTensor, type HostTensor } from '../tensor.ts';
import { importModel } from './import-model.ts';
import { compareFile, int64, numbers } from './testing.ts';

const SHAPE = [2, 3];

/** A SparseTensorProto of two numbers at places of a tensor. */
function writeSparse(writer: ProtobufWriter, field: number, places: HostTensor, shape = SHAPE): void {
  writer.message(field, (sparse) => {
    sparse.message(1, (values) => {
      values.int(1, 2);
      values.int(2, 1);
      values.string(8, 's');
      values.raw(9, new Uint8Array(Float32Array.of(5, -7).buffer));
    });
    sparse.message(2, (indices) => {
      for (const d of places.shape) indices.int(1, d);
      indices.int(2, 7);
      indices.raw(9, new Uint8Array((places.data as BigInt64Array<ArrayBuffer>).buffer));
    });
    for (const d of shape) sparse.int(3, d);
  });
}

function writePort(graph: ProtobufWriter, field: number, name: string): void {
  graph.message(field, (port) => {
    port.string(1, name);
    port.message(2, (type) =>
      type.message(1, (tensor) => {
        tensor.int(1, 1);
        tensor.message(2, (shape) => {
          for (const d of SHAPE) shape.message(1, (dimension) => dimension.int(1, d));
        });
      }),
    );
  });
}

/** x + s, where s is sparse: an initializer, or a constant. */
function modelOf(places: HostTensor, how: 'initializer' | 'constant', shape = SHAPE): Uint8Array {
  const writer = new ProtobufWriter();
  writer.int(1, 8);
  writer.message(7, (graph) => {
    if (how === 'constant') {
      graph.message(1, (node) => {
        node.string(2, 's');
        node.string(4, 'Constant');
        node.message(5, (attribute) => {
          attribute.string(1, 'sparse_value');
          attribute.int(20, 11);
          writeSparse(attribute, 22, places, shape);
        });
      });
    }
    graph.message(1, (node) => {
      for (const name of ['x', 's']) node.string(1, name);
      node.string(2, 'y');
      node.string(4, 'Add');
    });
    graph.string(2, 'sparse');
    if (how === 'initializer') writeSparse(graph, 15, places, shape);
    writePort(graph, 11, 'x');
    writePort(graph, 12, 'y');
  });
  writer.message(8, (opset) => opset.int(2, 13));
  return writer.bytes();
}

const read = (places: HostTensor, shape?: number[]) => importModel(modelOf(places, 'initializer', shape));

describe('a sparse tensor', () => {
  it.each([
    ['an initializer', 'initializer', int64(1, 5)],
    ['an initializer by axes', 'initializer', hostTensor([0, 1, 1, 2], [2, 2], 'int64')],
    ['a constant', 'constant', int64(1, 5)],
  ] as const)('is read as a dense one: %s', async (_, how, places) => {
    await compareFile(modelOf(places, how), { inputs: { x: numbers(SHAPE) } });
  });

  it('has values where it has room, as many as indices, and a size that is made', () => {
    expect(() => read(int64(0, 6))).toThrow("the sparse tensor 's' has a value at the index 6 of 6");
    expect(() => read(int64(0))).toThrow('2 values, but indices of int64 [1]');
    expect(() => read(int64(0, 1), [1 << 20, 1 << 20])).toThrow('export the model with dense weights');
  });
});
