import type { Texture } from '../assets/index.ts';
import type { Vec3 } from '../vector.ts';
import { sampleColour } from './sampling.ts';
import type { Scene } from './scene.ts';

// Shading runs for every sample, so its state lives in module variables: V8 then keeps the array accesses monomorphic.
// One picture is rendered at a time per thread.
const MATERIALS = 64;
const LUT_SIZE = 2048;
const tint = new Float32Array(MATERIALS * 3);
const specular = new Float32Array(MATERIALS);
const gloss = new Float32Array(MATERIALS);
const luminanceScale = new Float32Array(MATERIALS);
const mode = new Uint8Array(MATERIALS);
const isEye = new Uint8Array(MATERIALS);
const luts: Float32Array[] = [];
const PLAIN = 0;
const TEXTURED = 1;
const RECOLOURED = 2;
let textures: (Texture | null)[] = [];
let scene: Scene;
let levels: Uint8Array = new Uint8Array(0);
let eye: Vec3 = [0, 0, 0];
let keyRed = 0;
let keyGreen = 0;
let keyBlue = 0;
let screenX: Float32Array = new Float32Array(0);
let screenY: Float32Array = new Float32Array(0);
let inverseDepth: Float32Array = new Float32Array(0);
const texel = new Float32Array(3);

/** The colour `shade` found, linear light. */
export const shaded = new Float32Array(3);

/** Projected vertices of the picture being drawn. */
export interface Projection {
  x: Float32Array;
  y: Float32Array;
  inverseDepth: Float32Array;
}

/** Prepares `shade` for one picture; `mipLevels` holds each triangle's texture level. */
export function bindShading(of: Scene, from: Vec3, mipLevels: Uint8Array, projection: Projection): void {
  scene = of;
  eye = from;
  [keyRed, keyGreen, keyBlue] = of.keyColour;
  levels = mipLevels;
  screenX = projection.x;
  screenY = projection.y;
  inverseDepth = projection.inverseDepth;
  textures = of.materials.map((material) => material.texture);
  of.materials.forEach((material, i) => {
    tint.set(material.tint, 3 * i);
    specular[i] = material.specular;
    gloss[i] = material.gloss;
    mode[i] = !material.texture ? PLAIN : material.recolour ? RECOLOURED : TEXTURED;
    isEye[i] = material.surface === 'eye' ? 1 : 0;
    if (mode[i] !== RECOLOURED) return;
    luminanceScale[i] = 256 / (material.luminance ?? material.texture!.luminance);
    // Light hair needs a tighter clamp, or its highlights burn out.
    const most = material.surface === 'hair' ? 1.15 + 0.25 / (0.18 + material.tint[1]) : 2;
    const lut = (luts[i] ??= new Float32Array(LUT_SIZE));
    for (let k = 0; k < LUT_SIZE; k++) lut[k] = Math.min(most, ((k + 0.5) / 256) ** material.gamma);
  });
}

/** Shades triangle `t` at a sample position (perspective-correct) into `shaded`. */
export function shade(t: number, px: number, py: number): void {
  const { triangles, triangleMaterial, irradiance, uv, keyVisibility } = scene;
  const m = triangleMaterial[t];
  const a = triangles[3 * t];
  const b = triangles[3 * t + 1];
  const c = triangles[3 * t + 2];
  const x0 = screenX[a];
  const y0 = screenY[a];
  const x1 = screenX[b] - x0;
  const y1 = screenY[b] - y0;
  const x2 = screenX[c] - x0;
  const y2 = screenY[c] - y0;
  const dx = px - x0;
  const dy = py - y0;
  const inverseArea = 1 / (x1 * y2 - x2 * y1);
  let l1 = (dx * y2 - x2 * dy) * inverseArea;
  let l2 = (x1 * dy - dx * y1) * inverseArea;
  let l0 = (1 - l1 - l2) * inverseDepth[a];
  l1 *= inverseDepth[b];
  l2 *= inverseDepth[c];
  const k = 1 / (l0 + l1 + l2);
  l0 *= k;
  l1 *= k;
  l2 *= k;
  const a3 = 3 * a;
  const b3 = 3 * b;
  const c3 = 3 * c;
  let red = tint[3 * m];
  let green = tint[3 * m + 1];
  let blue = tint[3 * m + 2];
  const how = mode[m];
  if (how !== PLAIN) {
    const u = l0 * uv[2 * a] + l1 * uv[2 * b] + l2 * uv[2 * c];
    const v = l0 * uv[2 * a + 1] + l1 * uv[2 * b + 1] + l2 * uv[2 * c + 1];
    sampleColour(textures[m]!, levels[t], u, v, texel);
    if (how === RECOLOURED) {
      const luminance = 0.2126 * texel[0] + 0.7152 * texel[1] + 0.0722 * texel[2];
      const entry = (luminance * luminanceScale[m]) | 0;
      const q = luts[m][entry >= LUT_SIZE ? LUT_SIZE - 1 : entry];
      red *= q;
      green *= q;
      blue *= q;
    } else {
      red *= texel[0];
      green *= texel[1];
      blue *= texel[2];
    }
  }
  const lit = l0 * keyVisibility[a] + l1 * keyVisibility[b] + l2 * keyVisibility[c];
  const shine = specular[m] > 0 && lit > 0.01 ? lit * highlight(m, l0, l1, l2, a3, b3, c3) : 0;
  shaded[0] = red * (l0 * irradiance[a3] + l1 * irradiance[b3] + l2 * irradiance[c3]) + shine * keyRed;
  shaded[1] =
    green * (l0 * irradiance[a3 + 1] + l1 * irradiance[b3 + 1] + l2 * irradiance[c3 + 1]) + shine * keyGreen;
  shaded[2] =
    blue * (l0 * irradiance[a3 + 2] + l1 * irradiance[b3 + 2] + l2 * irradiance[c3 + 2]) + shine * keyBlue;
}

/** Blinn–Phong highlight (in its exponential form) of the key light, with a Fresnel-like rise at grazing angles. */
function highlight(m: number, l0: number, l1: number, l2: number, a: number, b: number, c: number): number {
  const { normals, positions, keyDirection } = scene;
  let nx = l0 * normals[a] + l1 * normals[b] + l2 * normals[c];
  let ny = l0 * normals[a + 1] + l1 * normals[b + 1] + l2 * normals[c + 1];
  let nz = l0 * normals[a + 2] + l1 * normals[b + 2] + l2 * normals[c + 2];
  let vx = eye[0] - (l0 * positions[a] + l1 * positions[b] + l2 * positions[c]);
  let vy = eye[1] - (l0 * positions[a + 1] + l1 * positions[b + 1] + l2 * positions[c + 1]);
  let vz = eye[2] - (l0 * positions[a + 2] + l1 * positions[b + 2] + l2 * positions[c + 2]);
  const nl = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
  const vl = 1 / Math.sqrt(vx * vx + vy * vy + vz * vz);
  nx *= nl;
  ny *= nl;
  nz *= nl;
  vx *= vl;
  vy *= vl;
  vz *= vl;
  const hx = vx + keyDirection[0];
  const hy = vy + keyDirection[1];
  const hz = vz + keyDirection[2];
  const nh = (nx * hx + ny * hy + nz * hz) / Math.sqrt(hx * hx + hy * hy + hz * hz);
  if (nh <= 0.3) return 0;
  let fresnel = 1;
  if (isEye[m] === 0) {
    const nv = nx * vx + ny * vy + nz * vz;
    const grazing = nv < 0 ? 1 : (1 - nv) * (1 - nv);
    fresnel = 0.7 + 1.3 * grazing * grazing;
  }
  return specular[m] * Math.exp(gloss[m] * 1.05 * (nh - 1)) * fresnel;
}
