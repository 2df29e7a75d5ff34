import {
  add,
  concat,
  constant,
  conv2d,
  depthToSpace,
  expand,
  hostTensor,
  matmul,
  mean,
  mul,
  neg,
  pad,
  reshape,
  slice,
  split,
  square,
  sum,
  transpose,
  transposeLast,
  rsqrt,
  type Value,
} from '../graph/index.ts';
import type { Parameters } from '../nn/index.ts';
import { subPixelKernel } from './conv-resample.ts';
import { affine, leaky, LRELU_GAIN, noiseMap, type StyledOptions } from './styled-layers.ts';

/**
 * Cross-plane ("3D-aware") convolutions of 3DPortraitGAN-Pyramid.
 *
 * Before every layer each of the planes P0, P1, P2 [N, C, S, S] is joined by what the other two say about its rows and columns, to
 * 3C channels whose group g comes from plane g:
 *
 *     plane q, group q:              P_q[i, j]
 *     plane q, group q+1 (mod 3):    mean_k P_{q+1}[k, i]      constant along a row
 *     plane q, group q+2 (mod 3):    mean_k P_{q+2}[j, k]      constant along a column
 *
 * The joined maps are never made: two thirds of their channels vary along one axis only, so their share of a convolution is a pair of
 * one-dimensional convolutions. That is exact, three times less arithmetic, and keeps the large maps out of memory.
 */

export type Planes = readonly [Value, Value, Value];

/** The joined maps themselves: [N, C, S, S] each → [N, 3C, S, S] each. For small sizes and checks. */
export function joinPlanes(planes: Planes): Planes {
  const [n, c, size] = planes[0].shape;
  const join = (q: number): Value => {
    const groups: Value[] = [];
    groups[q] = planes[q];
    groups[(q + 1) % 3] = expand(reshape(mean(planes[(q + 1) % 3], [2]), [n, c, size, 1]), [
      n,
      c,
      size,
      size,
    ]);
    groups[(q + 2) % 3] = expand(reshape(mean(planes[(q + 2) % 3], [3]), [n, c, 1, size]), [
      n,
      c,
      size,
      size,
    ]);
    return concat(groups, 1);
  };
  return [join(0), join(1), join(2)];
}

/** Styles of a cross-plane layer: [N, 3 planes, 3 groups, C]; plane q takes the affine map's outputs 3C·q … . */
function planeStyles(p: Parameters, w: Value, channels: number): Value {
  return reshape(affine(p, w, 9 * channels), [w.shape[0], 3, 3, channels]);
}

function styleOf(styles: Value, plane: number, group: number): Value {
  const [n, , , c] = styles.shape;
  return reshape(slice(slice(styles, 1, plane, plane + 1), 2, group, group + 1), [n, c]);
}

/** [3, S]: ones; one at the first place; one at the last. Border columns of a zero-padded 3-tap kernel lose a tap. */
function borders(size: number): Value {
  const data = new Float32Array(3 * size).fill(1, 0, size);
  data[size] = 1;
  data[3 * size - 1] = 1;
  return constant(hostTensor(data, [3, size]));
}

/** Kernels along the remaining axis for a map constant along `axis`: their sum, and minus the tap lost at either border. [3·O, C, …]. */
function lineKernels(weight: Value, axis: 2 | 3): Value {
  const lost = (tap: number): Value => neg(slice(weight, axis, tap, tap + 1));
  return concat([sum(weight, [axis], true), lost(0), lost(2)], 0);
}

interface Line {
  /** [N, C, S], already modulated. */
  readonly values: Value;
  /** [O, C, 3, 3] */
  readonly weight: Value;
}

/**
 * Share of the two pooled groups in a zero-padded 3×3 convolution, as one product of left [N, O, S, 6] and right [N, O, 6, S].
 *
 * @param row varies along the rows of the map @param column varies along its columns
 * @param scale [N, O] multiplies the result; bias [O] is added
 */
function pooledShare(row: Line, column: Line, scale: Value, bias: Value): Value {
  const [n, c, size] = row.values.shape;
  const outputs = row.weight.shape[0];
  const edge = borders(size);
  const factor = reshape(scale, [n, 1, outputs, 1]);
  const alongRows = conv2d(reshape(row.values, [n, c, size, 1]), lineKernels(row.weight, 3), {
    padding: [1, 0, 1, 0],
  });
  const alongColumns = conv2d(reshape(column.values, [n, c, 1, size]), lineKernels(column.weight, 2), {
    padding: [0, 1, 0, 1],
  });
  const biasOnce = pad(reshape(bias, [1, 1, outputs, 1]), [0, 0, 0, 0], [0, 2, 0, 0]);
  const left = add(mul(reshape(alongRows, [n, 3, outputs, size]), factor), biasOnce);
  const right = mul(reshape(alongColumns, [n, 3, outputs, size]), factor);
  return matmul(
    concat([transpose(left, [0, 2, 3, 1]), expand(transposeLast(edge), [n, outputs, size, 3])], 3),
    concat([expand(edge, [n, outputs, 3, size]), transpose(right, [0, 2, 1, 3])], 2),
  );
}

interface Pooled {
  /** mean_k P[k, i]: [N, C, S] of each plane. */
  readonly overRows: readonly Value[];
  /** mean_k P[j, k]: [N, C, S] of each plane. */
  readonly overColumns: readonly Value[];
}

function pool(planes: Planes): Pooled {
  return { overRows: planes.map((x) => mean(x, [2])), overColumns: planes.map((x) => mean(x, [3])) };
}

/** Each phase of a sub-pixel convolution takes its channel's factor: [..., O] → [..., 4·O]. */
function perPhase(x: Value): Value {
  const outputs = x.shape[x.shape.length - 1];
  const lead = x.shape.slice(0, -1);
  return reshape(expand(reshape(x, [...lead, outputs, 1]), [...lead, outputs, 4]), [...lead, 4 * outputs]);
}

/**
 * Share of the plane's own group: modulated 3×3 convolution x [N, C, S, S] times scale [N, O]. Styles and scale go into weights of every
 * sample, a group each, where those are smaller than the activations, else into the activations.
 */
function ownShare(x: Value, kernel: Value, style: Value, scale: Value): Value {
  const [n, c, size] = x.shape;
  const outputs = kernel.shape[0];
  if ((c + outputs) * size * size < 9 * c * outputs) {
    const y = conv2d(mul(x, reshape(style, [n, c, 1, 1])), kernel, { padding: 1 });
    return mul(y, reshape(scale, [n, outputs, 1, 1]));
  }
  const styled = mul(reshape(kernel, [1, outputs, c, 3, 3]), reshape(style, [n, 1, c, 1, 1]));
  const weights = reshape(mul(styled, reshape(scale, [n, outputs, 1, 1, 1])), [n * outputs, c, 3, 3]);
  const y = conv2d(reshape(x, [1, n * c, size, size]), weights, { padding: 1, groups: n });
  return reshape(y, [n, outputs, size, size]);
}

/** Modulated cross-plane 3×3 convolution, noise, bias, leaky ReLU: [N, C, S, S] each → [N, channels, up·S, up·S] each. */
export function awareConvolution(p: Parameters, planes: Planes, w: Value, options: StyledOptions): Planes {
  const { channels, up = 1, noise } = options;
  const [n, c, size] = planes[0].shape;
  const weight = p.get('weight', [channels, 3 * c, 3, 3], { kind: 'normal', std: 1 });
  const styles = planeStyles(p, w, c);
  const pooled = pool(planes);
  const kernels = split(up === 2 ? subPixelKernel(weight) : weight, 1, [c, c, c]);
  const energy = transposeLast(sum(square(weight), [2, 3]));
  const bias = mul(p.get('bias', [channels]), LRELU_GAIN);
  const offset = noise === 'const' ? mul(noiseMap(p, up * size), LRELU_GAIN) : undefined;

  const layer = (q: number): Value => {
    const [g, h] = [(q + 1) % 3, (q + 2) % 3];
    const style = (group: number): Value => styleOf(styles, q, group);
    const joined = reshape(slice(styles, 1, q, q + 1), [n, 3 * c]);
    // √2·lrelu(y) = lrelu(√2·y): the gain is folded into the small factors.
    const demodulated = mul(rsqrt(add(matmul(square(joined), energy), 1e-8)), LRELU_GAIN);
    const scale = up === 2 ? perPhase(demodulated) : demodulated;
    const own = ownShare(planes[q], kernels[q], style(q), scale);
    const others = pooledShare(
      { values: mul(pooled.overRows[g], reshape(style(g), [n, c, 1])), weight: kernels[g] },
      { values: mul(pooled.overColumns[h], reshape(style(h), [n, c, 1])), weight: kernels[h] },
      scale,
      up === 2 ? perPhase(bias) : bias,
    );
    const low = add(own, others);
    const y = up === 2 ? depthToSpace(low, 2) : low;
    return leaky(offset ? add(y, offset) : y);
  };
  return [layer(0), layer(1), layer(2)];
}

/** Styled cross-plane 1×1 convolution, not demodulated; its gain counts the channels of one plane only. @returns [N, channels, S, S] each */
export function awareToRgb(p: Parameters, planes: Planes, w: Value, channels: number): Planes {
  const [n, c, size] = planes[0].shape;
  const weight = reshape(p.get('weight', [channels, 3 * c, 1, 1], { kind: 'normal', std: 1 }), [
    1,
    channels,
    3 * c,
  ]);
  const styles = mul(planeStyles(p, w, c), 1 / Math.sqrt(c));
  const pooled = pool(planes);
  const bias = reshape(p.get('bias', [channels]), [channels, 1]);

  const layer = (q: number): Value => {
    const [g, h] = [(q + 1) % 3, (q + 2) % 3];
    const modulated = split(mul(weight, reshape(slice(styles, 1, q, q + 1), [n, 1, 3 * c])), 2, [c, c, c]);
    const own = matmul(modulated[q], reshape(planes[q], [n, c, size * size]));
    const rows = add(matmul(modulated[g], pooled.overRows[g]), bias);
    const columns = matmul(modulated[h], pooled.overColumns[h]);
    const others = add(reshape(rows, [n, channels, size, 1]), reshape(columns, [n, channels, 1, size]));
    return add(reshape(own, [n, channels, size, size]), others);
  };
  return [layer(0), layer(1), layer(2)];
}
