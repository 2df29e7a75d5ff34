import type { DiffusionModel } from '../diffusion/index.ts';
import { viewPrompt, withImplied, type ViewName } from '../diffusion/index.ts';
import type { HostTensor } from '../graph/index.ts';
import { saidSlots } from './said-slots.ts';

/** A prompt's states, one for each side a camera may see, and those of the negative prompt. Each `[1, T, E]`. */
export interface TextStates {
  readonly sides: Record<ViewName, HostTensor>;
  readonly negative: HostTensor;
  /** Names of the slots that the prompt says, by the model's own reading; null where its text encoder reads none. */
  readonly said: readonly string[] | null;
}

/** Encodes "front view, …", "side view, …", "back view, …" and the negative prompt. */
export async function encodeTexts(
  model: DiffusionModel,
  prompt: string,
  negative: string,
): Promise<TextStates> {
  const { tokenizer } = model.textEncoder;
  const { slots } = model.config.textEncoder;
  const encode = (text: string) => model.textEncoder.encode([tokenizer.encode(text).ids]);
  const front = await encode(viewPrompt('front', prompt));
  const side = await encode(viewPrompt('side', prompt));
  const back = await encode(viewPrompt('back', prompt));
  const asked = (states: HostTensor) => (slots ? withImplied(slots, states) : states);
  return {
    sides: { front: asked(front), side: asked(side), back: asked(back) },
    negative: await encode(negative),
    said: slots ? saidSlots(slots, front) : null,
  };
}
