import { createTexture, type Texture } from '../assets/index.ts';
import { random } from '../random.ts';

const SIZE = 256;
const CURLS = 700;
const STRANDS = 5000;

const textureOf = (shade: Float32Array): Texture => {
  const pixels = new Uint8Array(SIZE * SIZE * 4).fill(255);
  shade.forEach((value, i) => pixels.fill(255 * value, 4 * i, 4 * i + 3));
  return createTexture({ width: SIZE, height: SIZE, pixels });
};

/** An opaque tile of curls: rings of hair, bright on the ridge and dark between. */
export function curlTexture(): Texture {
  const next = random(2718, 'curls');
  const shade = new Float32Array(SIZE * SIZE).fill(0.16);
  for (let curl = 0; curl < CURLS; curl++) {
    const [x, y] = [next() * SIZE, next() * SIZE];
    const radius = 6 + 7 * next();
    const light = 0.45 + 0.4 * next();
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const r = Math.hypot(dx, dy) / radius;
        if (r > 1) continue;
        const texel = (Math.floor(y + dy) & (SIZE - 1)) * SIZE + (Math.floor(x + dx) & (SIZE - 1));
        shade[texel] = light * (0.35 + 0.65 * Math.sin(Math.PI * Math.min(1, 1.3 * (1 - r))) ** 2);
      }
    }
  }
  return textureOf(shade);
}

/** An opaque tile of strands that run along v. */
export function strandTexture(): Texture {
  const next = random(3141, 'strands');
  const shade = new Float32Array(SIZE * SIZE).fill(0.4);
  for (let strand = 0; strand < STRANDS; strand++) {
    let x = next() * SIZE;
    let y = next() * SIZE;
    const lean = (next() - 0.5) * 0.2;
    const light = 0.25 + 0.5 * next();
    for (let i = 0; i < 40; i++, y++, x += lean) {
      shade[(Math.floor(y) & (SIZE - 1)) * SIZE + (Math.floor(x) & (SIZE - 1))] = light;
    }
  }
  return textureOf(shade);
}
