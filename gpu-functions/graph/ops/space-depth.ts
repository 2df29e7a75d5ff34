import { GraphError } from '../tensor.ts';
import type { Value } from '../value.ts';
import { reshape, transpose } from './shape.ts';

/** How channels hold the pixels of a block: channel by channel (PyTorch's pixel shuffle), or pixel by pixel (TensorFlow's). */
export type BlockOrder = 'CRD' | 'DCR';

function requireBlocks(fits: boolean, op: string, x: Value, block: number): void {
  if (x.shape.length !== 4 || !fits) {
    throw new GraphError(`${op}: blocks of ${block} do not fit [${x.shape.join(', ')}]`);
  }
}

/**
 * Pixel shuffle: [N, C·b², H, W] → [N, C, H·b, W·b]. Channel c·b² + i·b + j goes to the pixel (i, j) of the block;
 * in the order DCR it is channel (i·b + j)·C + c.
 */
export function depthToSpace(x: Value, block: number, order: BlockOrder = 'CRD'): Value {
  const [n, channels, h, w] = x.shape;
  const c = channels / block ** 2;
  requireBlocks(Number.isInteger(c), 'depthToSpace', x, block);
  const source = order === 'CRD' ? x : transpose(reshape(x, [n, block ** 2, c, h * w]), [0, 2, 1, 3]);
  // Columns first, then rows: two simple transpositions are three times as fast as one of six axes.
  const columns = transpose(reshape(source, [n * c * block, block, h * w]), [0, 2, 1]);
  const rows = transpose(reshape(columns, [n * c, block, h, w * block]), [0, 2, 1, 3]);
  return reshape(rows, [n, c, h * block, w * block]);
}

/** The inverse of {@link depthToSpace}: [N, C, H, W] → [N, C·b², H/b, W/b]. */
export function spaceToDepth(x: Value, block: number, order: BlockOrder = 'CRD'): Value {
  const [n, c, height, width] = x.shape;
  const [h, w] = [height / block, width / block];
  requireBlocks(Number.isInteger(h) && Number.isInteger(w), 'spaceToDepth', x, block);
  const rows = transpose(reshape(x, [n * c, h, block, width]), [0, 2, 1, 3]);
  const columns = transpose(reshape(rows, [n * c * block, h * w, block]), [0, 2, 1]);
  const source =
    order === 'CRD' ? columns : transpose(reshape(columns, [n, c, block ** 2, h * w]), [0, 2, 1, 3]);
  return reshape(source, [n, c * block ** 2, h, w]);
}
