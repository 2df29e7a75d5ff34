import { scale, type Rgb } from '../colour.ts';
import { cross, normalise, type Vec3 } from '../vector.ts';
import { directionOf, keyTint, lampLights, skyLights, skyTint } from './lights.ts';
import type { DirectionalLight, Lighting } from './lights.ts';
import type { Scene, Surface } from './scene.ts';

/** Side of a light's depth map in texels, and the half-width (world units) of the scene it covers. */
const MAP = 128;
const HALF_WIDTH = 0.62;
/** Depth bias and normal offset against self-shadowing, world units. */
const BIAS = 0.012;
const NORMAL_OFFSET = 0.008;
const TEXELS = MAP / (2 * HALF_WIDTH);

const CASTS_NO_SHADOW: ReadonlySet<Surface> = new Set<Surface>([
  'lash',
  'brow',
  'eye',
  'beard',
  'lips',
  'lens',
]);

/** Wrapped diffuse per channel; more for red on skin, which looks like subsurface scattering. */
function wrapOf(surface: Surface): Rgb {
  if (surface === 'skin' || surface === 'lips') return [0.3, 0.14, 0.09];
  if (surface === 'hair' || surface === 'beard') return [0.25, 0.25, 0.25];
  return [0.05, 0.05, 0.05];
}

// Working memory, reused: one bake at a time per thread.
const depth = new Float32Array(MAP * MAP);
let mapX = new Float32Array(0);
let mapY = new Float32Array(0);
let mapZ = new Float32Array(0);

/**
 * Per-vertex irradiance from directional lights with a depth map each: soft shadows and ambient occlusion that are the
 * same from every side. A scene's second bake costs a fifth of its first, which is when the sky is found. Fills `irradiance`, `keyVisibility`, `keyDirection` and `keyColour`.
 */
export function bakeLight(scene: Scene, lighting: Lighting): void {
  const { vertexCount } = scene;
  if (mapX.length < vertexCount) {
    mapX = new Float32Array(vertexCount);
    mapY = new Float32Array(vertexCount);
    mapZ = new Float32Array(vertexCount);
  }
  const casters = scene.order.filter(
    (t) => !CASTS_NO_SHADOW.has(scene.materials[scene.triangleMaterial[t]].surface),
  );
  scene.keyVisibility.fill(0);
  if (!scene.sky) {
    scene.irradiance.fill(0);
    addLights(scene, casters, skyLights());
    scene.sky = scene.irradiance.slice();
  }
  const tint = skyTint(lighting);
  for (let i = 0; i < scene.sky.length; i++) scene.irradiance[i] = scene.sky[i] * tint[i % 3];
  addLights(scene, casters, lampLights(lighting));
  scene.keyDirection = directionOf(lighting.keyAzimuth, lighting.keyElevation);
  scene.keyColour = scale(keyTint(lighting.warmth), lighting.key * 0.9);
}

function addLights(scene: Scene, casters: Uint32Array, lights: readonly DirectionalLight[]): void {
  const keys = lights.filter((light) => light.isKey).length;
  for (const light of lights) {
    const side = normalise([light.direction[2], 0, -light.direction[0]]);
    const right: Vec3 = Math.abs(light.direction[1]) < 0.95 ? side : [1, 0, 0];
    const up = cross(light.direction, right);
    project(scene, light.direction, right, up);
    drawDepth(scene, casters);
    gather(scene, light, right, up, keys);
  }
}

function project({ vertexCount, positions }: Scene, d: Vec3, r: Vec3, u: Vec3): void {
  for (let i = 0; i < vertexCount; i++) {
    const x = positions[3 * i];
    const y = positions[3 * i + 1] + 0.1; // the bust's middle lies below the origin
    const z = positions[3 * i + 2];
    mapX[i] = (x * r[0] + y * r[1] + z * r[2] + HALF_WIDTH) * TEXELS;
    mapY[i] = (x * u[0] + y * u[1] + z * u[2] + HALF_WIDTH) * TEXELS;
    mapZ[i] = x * d[0] + y * d[1] + z * d[2];
  }
}

function drawDepth(scene: Scene, casters: Uint32Array): void {
  const { triangles, triangleMaterial, materials, field, uv } = scene;
  const cutout = materials.map(({ blended, texture }) =>
    blended && texture?.hasAlpha ? texture.mips[Math.min(1, texture.mips.length - 1)] : null,
  );
  const hasEdge = materials.map((material) => Boolean(material.edge));
  // Of closed surfaces the faces turned to the light are enough.
  const closed = materials.map((material) => material.cull);
  depth.fill(-1e9);
  for (const t of casters) {
    const a = triangles[3 * t];
    const b = triangles[3 * t + 1];
    const c = triangles[3 * t + 2];
    const x0 = mapX[a];
    const y0 = mapY[a];
    const x1 = mapX[b];
    const y1 = mapY[b];
    const x2 = mapX[c];
    const y2 = mapY[c];
    const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
    if (area === 0 || (area < 0 && closed[triangleMaterial[t]])) continue;
    const left = Math.max(0, Math.ceil(Math.min(x0, x1, x2) - 0.5));
    const right = Math.min(MAP - 1, Math.floor(Math.max(x0, x1, x2) - 0.5));
    const bottom = Math.max(0, Math.ceil(Math.min(y0, y1, y2) - 0.5));
    const top = Math.min(MAP - 1, Math.floor(Math.max(y0, y1, y2) - 0.5));
    if (left > right || bottom > top) continue;
    const material = triangleMaterial[t];
    const mip = cutout[material];
    const edge = hasEdge[material];
    const l1dx = (y2 - y0) / area;
    const l1dy = -(x2 - x0) / area;
    const l2dx = -(y1 - y0) / area;
    const l2dy = (x1 - x0) / area;
    for (let y = bottom; y <= top; y++) {
      let l1 = (left + 0.5 - x0) * l1dx + (y + 0.5 - y0) * l1dy;
      let l2 = (left + 0.5 - x0) * l2dx + (y + 0.5 - y0) * l2dy;
      let o = y * MAP + left;
      for (let x = left; x <= right; x++, o++, l1 += l1dx, l2 += l2dx) {
        const l0 = 1 - l1 - l2;
        if (l0 < 0 || l1 < 0 || l2 < 0) continue;
        const z = l0 * mapZ[a] + l1 * mapZ[b] + l2 * mapZ[c];
        if (z <= depth[o]) continue;
        if (edge && l0 * field[a] + l1 * field[b] + l2 * field[c] < 0) continue;
        if (mip) {
          const u = l0 * uv[2 * a] + l1 * uv[2 * b] + l2 * uv[2 * c];
          const v = l0 * uv[2 * a + 1] + l1 * uv[2 * b + 1] + l2 * uv[2 * c + 1];
          const column = Math.floor(u * mip.width) & (mip.width - 1);
          const row = Math.floor((1 - v) * mip.height) & (mip.height - 1);
          if (mip.pixels[(row * mip.width + column) * 4 + 3] < 110) continue;
        }
        depth[o] = z;
      }
    }
  }
}

/** Adds one light to the vertices that see it (2×2 percentage-closer filtering). */
function gather(scene: Scene, light: DirectionalLight, r: Vec3, u: Vec3, keys: number): void {
  const { vertexCount, normals, vertexMaterial, irradiance, keyVisibility } = scene;
  const wraps = scene.materials.map((material) => wrapOf(material.surface));
  const d = light.direction;
  const offset = NORMAL_OFFSET * TEXELS;
  for (let i = 0; i < vertexCount; i++) {
    const nx = normals[3 * i];
    const ny = normals[3 * i + 1];
    const nz = normals[3 * i + 2];
    const cosine = nx * d[0] + ny * d[1] + nz * d[2];
    const wrap = wraps[vertexMaterial[i]];
    if (cosine < -wrap[0]) continue;
    const x = mapX[i] + offset * (nx * r[0] + ny * r[1] + nz * r[2]) - 0.5;
    const y = mapY[i] + offset * (nx * u[0] + ny * u[1] + nz * u[2]) - 0.5;
    const z = mapZ[i] + NORMAL_OFFSET * cosine + BIAS;
    const column = Math.floor(x);
    const row = Math.floor(y);
    let visible = 1;
    if (column >= 0 && row >= 0 && column < MAP - 1 && row < MAP - 1) {
      const fx = x - column;
      const fy = y - row;
      const o = row * MAP + column;
      visible =
        ((depth[o] < z ? 1 - fx : 0) + (depth[o + 1] < z ? fx : 0)) * (1 - fy) +
        ((depth[o + MAP] < z ? 1 - fx : 0) + (depth[o + MAP + 1] < z ? fx : 0)) * fy;
    }
    if (visible <= 0) continue;
    for (let k = 0; k < 3; k++) {
      const diffuse = (cosine + wrap[k]) / (1 + wrap[k]);
      if (diffuse > 0) irradiance[3 * i + k] += diffuse * visible * light.colour[k];
    }
    if (light.isKey && cosine > 0) keyVisibility[i] += visible / keys;
  }
}
