import type { BaseMesh, Proxy } from '../assets/index.ts';
import { clamp, type Vec3 } from '../vector.ts';
import type { HeadFrame } from './frame.ts';

/**
 * Positions of a proxy on a morphed body. Offsets are scaled by `ratio`, because the files lack MakeHuman's own
 * scale data: the head's ratio for what sits on the head, 1 for clothes.
 */
export function fitProxy(proxy: Proxy, body: Float32Array, ratio: Vec3): Float32Array {
  const { reference, weights, offsets } = proxy;
  const out = new Float32Array(proxy.vertices * 3);
  for (let v = 0; v < proxy.vertices; v++) {
    for (let axis = 0; axis < 3; axis++) {
      let p = offsets[3 * v + axis] * ratio[axis];
      for (let k = 3 * v; k < 3 * v + 3; k++) p += weights[k] * body[3 * reference[k] + axis];
      out[3 * v + axis] = p;
    }
  }
  return out;
}

/** A body vertex weight carried over to a proxy. */
export function proxyWeight(proxy: Proxy, bodyWeight: Float32Array): Float32Array {
  const out = new Float32Array(proxy.vertices);
  for (let v = 0; v < out.length; v++) {
    let sum = 0;
    for (let k = 3 * v; k < 3 * v + 3; k++) sum += proxy.weights[k] * bodyWeight[proxy.reference[k]];
    out[v] = clamp(sum, 0, 1);
  }
  return out;
}

/** Arms are turned down from the A-pose by this much. */
const ARM_ANGLE = (41 * Math.PI) / 180;

function lowerArm(
  positions: Float32Array,
  weight: Float32Array,
  shoulder: Vec3,
  side: 1 | -1,
  inward: number,
) {
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i];
    if (w < 1e-4) continue;
    const c = Math.cos(ARM_ANGLE * w);
    const s = -side * Math.sin(ARM_ANGLE * w);
    const x = positions[3 * i] - shoulder[0];
    const y = positions[3 * i + 1] - shoulder[1];
    positions[3 * i] = shoulder[0] + c * x - s * y - side * inward * w;
    positions[3 * i + 1] = shoulder[1] + s * x + c * y;
  }
}

/** Skinning weights of both arms on some mesh. */
export interface ArmWeights {
  left: Float32Array;
  right: Float32Array;
}

export const bodyArms = (base: BaseMesh): ArmWeights => ({ left: base.leftArm, right: base.rightArm });

/** Lowers both arms in place; `inward` (dm) narrows the shoulders. */
export function lowerArms(positions: Float32Array, arms: ArmWeights, frame: HeadFrame, inward: number): void {
  lowerArm(positions, arms.left, frame.leftShoulder, 1, inward);
  lowerArm(positions, arms.right, frame.rightShoulder, -1, inward);
}
