import type { DType } from './tensor.ts';

/** TensorProto.DataType of onnx.proto. */
export const onnxTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};
