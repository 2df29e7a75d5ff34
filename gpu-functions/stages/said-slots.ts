import { slotProbabilities, type Slot } from '../diffusion/index.ts';
import type { HostTensor } from '../graph/index.ts';

/** Which side is seen says nothing of the person. */
const VIEW = 'view';

/**
 * Names of the slots that a text more likely says than not.
 * @param states [1, S, columns], as the text encoder gives them, nothing implied
 */
export function saidSlots(slots: readonly Slot[], states: HostTensor): string[] {
  const rows = slotProbabilities(slots, states);
  return slots.flatMap(({ name }, s) => (name !== VIEW && rows[s][0] < 0.5 ? [name] : []));
}
