import { GraphError, sizeOf, type HostTensor } from '../../tensor.ts';
import type { Importing } from '../importing.ts';
import { arithmeticFolders } from './arithmetic.ts';
import { MOST_ELEMENTS } from './elements.ts';
import { movementFolders } from './movement.ts';
import { reductionFolders } from './reduction.ts';

/**
 * The output, or outputs, of an operator whose inputs are all known. Undefined where that cannot be told, or would be large: then the operator
 * stays in the graph.
 */
export type Folder = (
  node: Importing,
  inputs: readonly (HostTensor | undefined)[],
) => HostTensor | readonly HostTensor[] | undefined;
export type Folders = Readonly<Record<string, Folder>>;

/** The same data in the shape that the operator gives them, which the importer knows. */
export const RESHAPING: ReadonlySet<string> = new Set([
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Identity',
]);

const folders: ReadonlyMap<string, Folder> = new Map(
  Object.entries({ ...arithmeticFolders, ...movementFolders, ...reductionFolders }),
);

/**
 * Arithmetic on constants, by which exported models compute the shapes they need.
 * @returns the node's outputs, or undefined where they cannot be computed before the model runs
 */
export function fold(node: Importing): readonly HostTensor[] | undefined {
  const folder = folders.get(node.op);
  if (!folder || node.inputs.length === 0) return undefined;
  const inputs: (HostTensor | undefined)[] = [];
  for (const [i, v] of node.inputs.entries()) {
    const data = node.known(i);
    if (v && (!data || sizeOf(data.shape) > MOST_ELEMENTS)) return undefined;
    inputs.push(data);
  }
  if (!inputs[0]) throw new GraphError(`the model's ${node.op} lacks its first input`);
  const outputs = folder(node, inputs);
  return outputs && [outputs].flat();
}
