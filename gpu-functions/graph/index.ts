export {
  arrayOf,
  float32,
  GraphError,
  hostTensor,
  sharedTensor,
  sizeOf,
  toFloat16,
  type DType,
  type HostTensor,
  type Shape,
  type TypedArray,
} from './tensor.ts';
export { float16Bits, float16Value } from './float16.ts';
export { constant, input, ints, Value, type Arg } from './value.ts';
export * from './ops/create.ts';
export {
  abs,
  add,
  and,
  cast,
  clamp,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  gelu,
  greater,
  greaterOrEqual,
  leakyRelu,
  less,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
  or,
  pow,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from './ops/elementwise.ts';
export {
  concat,
  expand,
  flip,
  reshape,
  slice,
  split,
  squeeze,
  tile,
  transpose,
  transposeLast,
  unsqueeze,
} from './ops/shape.ts';
export { cumsum, mean, reduceMax, reduceMin, sum, topK } from './ops/reduce.ts';
export { lpNormalise, reduceL2, reduceLogSumExp, reduceProd } from './ops/norms.ts';
export { gather, gatherElements, scatterAddRows } from './ops/indexing.ts';
export { gatherNd, scatterElements, scatterNd, type Reduction } from './ops/scatter.ts';
export { dense, logSoftmax, matmul, softmax } from './ops/linear.ts';
export { einsum } from './ops/einsum.ts';
export {
  conv,
  conv2d,
  convTranspose,
  convTranspose2d,
  type ConvolutionOptions,
  type Padding,
  type PerAxis,
  type TransposedOptions,
} from './ops/convolution.ts';
export { batchNorm, groupNorm, layerNorm } from './ops/normalisation.ts';
export { depthToSpace, spaceToDepth } from './ops/space-depth.ts';
export { pad, padBorder, type Border } from './ops/pad.ts';
export { averagePool, averagePool2d, maxPool, maxPool2d, type PoolingWindow } from './ops/pooling.ts';
export { resize, resize2d, upsampleNearest2d, type ResizeMode, type Resizing } from './ops/resample.ts';
export { gridSample, type GridSampling } from './ops/grid-sample.ts';
export { differentiated } from './ops/differentiated.ts';
export { loop } from './ops/loop.ts';
export { gradients } from './gradient.ts';
export { compile, type CompileOptions, type Model } from './compile.ts';
export { heldValues } from './held.ts';
export { importModel, type ImportedModel, type ImportOptions } from './import/import-model.ts';
export { importModelFile } from './import/import-file.ts';
export { filesBeside } from './import/external-files.ts';
export type { ExternalFiles } from './import/tensor-reader.ts';
export { writeModel, type Port } from './model-writer.ts';
export { inFloat32 } from './half.ts';
export { forecastMemory, type MemoryForecast } from './memory.ts';
export { saveModel, type SaveOptions } from './save-model.ts';
export { evaluate, openSession, type Session, type SessionOptions } from './session.ts';
export { SessionHost } from './session-host.ts';
