import { emptyPicture, type Picture } from '../../picture.ts';
import type { TexturedMesh } from '../mesh/portrait-mesh.ts';

/**
 * An unlit picture of a textured mesh from a camera label, by a depth buffer: an independent look at what a viewer of
 * the file shows. Only triangles that face the camera are drawn. Positions are to be in the label's units.
 */
export function meshView(
  mesh: TexturedMesh,
  label: ArrayLike<number>,
  size: number,
  supersampling = 2,
): Picture {
  const width = size * supersampling;
  const picture = emptyPicture(width, width);
  const area = width * width;
  const nearest = new Float32Array(area);
  const screen = project(mesh.positions, label, width);
  const { uvs, indices, texture } = mesh;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t], indices[t + 1], indices[t + 2]];
    const [ax, ay, az] = screen.subarray(3 * a, 3 * a + 3);
    const [bx, by, bz] = screen.subarray(3 * b, 3 * b + 3);
    const [cx, cy, cz] = screen.subarray(3 * c, 3 * c + 3);
    const turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    // Rows go down: counter-clockwise triangles have a negative turn.
    if (turn >= 0) continue;
    for (
      let y = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
      y <= Math.min(width - 1, Math.max(ay, by, cy));
      y++
    ) {
      for (
        let x = Math.max(0, Math.ceil(Math.min(ax, bx, cx)));
        x <= Math.min(width - 1, Math.max(ax, bx, cx));
        x++
      ) {
        const wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / turn;
        const wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / turn;
        if (wb < 0 || wc < 0 || wb + wc > 1) continue;
        const wa = 1 - wb - wc;
        // 1/z and u/z are linear on the screen.
        const inverse = wa * az + wb * bz + wc * cz;
        const pixel = y * width + x;
        if (inverse <= nearest[pixel]) continue;
        nearest[pixel] = inverse;
        const at = (axis: number) =>
          (wa * az * uvs[2 * a + axis] + wb * bz * uvs[2 * b + axis] + wc * cz * uvs[2 * c + axis]) / inverse;
        const texel = texelAt(at(1), texture.size) * texture.size + texelAt(at(0), texture.size);
        for (let k = 0; k < 3; k++) picture.data[k * area + pixel] = texture.rgb[3 * texel + k] / 255;
        picture.data[3 * area + pixel] = 1;
      }
    }
  }
  return shrink(picture, supersampling);
}

function texelAt(coordinate: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(coordinate * size)));
}

/** Pixel centre coordinates and inverse depth of each point. */
function project(positions: Float32Array, label: ArrayLike<number>, width: number): Float32Array {
  const screen = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const offset = [0, 1, 2].map((axis) => positions[i + axis] - label[4 * axis + 3]);
    const [x, y, z] = [0, 1, 2].map((column) =>
      offset.reduce((sum, value, axis) => sum + value * label[4 * axis + column], 0),
    );
    screen[i] = ((label[16] * x) / z + label[18]) * width - 0.5;
    screen[i + 1] = ((label[20] * y) / z + label[21]) * width - 0.5;
    screen[i + 2] = 1 / z;
  }
  return screen;
}

function shrink(picture: Picture, factor: number): Picture {
  const size = picture.width / factor;
  const small = emptyPicture(size, size);
  for (let c = 0; c < 4; c++) {
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const to = (c * size + Math.floor(y / factor)) * size + Math.floor(x / factor);
        small.data[to] += picture.data[(c * picture.height + y) * picture.width + x] / factor ** 2;
      }
    }
  }
  return small;
}
