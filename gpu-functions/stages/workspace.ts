import { sharedTensor, type HostTensor, type Shape } from '../graph/index.ts';

/**
 * Tensors in shared memory that the steps of a loop write to, again and again. Shared memory that is let go of counts for nothing with the
 * garbage collector; memory of the other kind has it run after every step.
 */
export class Workspace {
  readonly #tensors = new Map<string, HostTensor>();

  /** The float32 tensor of a name, made when it is first asked for. */
  tensor(name: string, shape: Shape): HostTensor {
    const known = this.#tensors.get(name);
    if (known?.shape.join() === shape.join()) return known;
    const made = sharedTensor(shape);
    this.#tensors.set(name, made);
    return made;
  }
}
