import { join } from 'node:path';
import { buildImage } from './build-image.ts';
import { ROOT } from './tools.ts';

/** Writes the context of the container image to dist/image. */
const folder = join(ROOT, 'dist/image');
await buildImage(folder);
console.log(`docker build -t portrait3d ${folder}`);
