import { slotColumns, slotOffsets, type DiffusionModel, type Slot } from '../../diffusion/index.ts';
import { float32, type HostTensor } from '../../graph/index.ts';

/** Which side is seen says nothing of the person. */
const VIEW = 'view';

/**
 * Names of the slots that a text more likely says than not.
 * @param states [1, S, columns], as the text encoder gives them, nothing implied
 */
export function saidSlots(slots: readonly Slot[], states: HostTensor): string[] {
  const columns = slotColumns(slots);
  const data = float32(states);
  return slotOffsets(slots).flatMap((offset, s) => {
    const unsaid = data[s * columns + offset] / Math.sqrt(slots.length);
    return slots[s].name !== VIEW && unsaid < 0.5 ? [slots[s].name] : [];
  });
}

/** What a prompt says of a person, by the model's own reading; null where its text encoder reads no slots. */
export async function readPrompt(
  { config, textEncoder }: DiffusionModel,
  prompt: string,
): Promise<string[] | null> {
  const { slots } = config.textEncoder;
  if (!slots) return null;
  return saidSlots(slots, await textEncoder.encode([textEncoder.tokenizer.encode(prompt).ids]));
}
