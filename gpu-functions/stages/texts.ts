import type { DiffusionModel } from '../diffusion/index.ts';
import { viewPrompt, withImplied, type ViewName } from '../diffusion/index.ts';
import type { HostTensor } from '../graph/index.ts';

/** A prompt's states, one for each side a camera may see, and those of the negative prompt. Each `[1, T, E]`. */
export interface TextStates {
  readonly sides: Record<ViewName, HostTensor>;
  readonly negative: HostTensor;
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
  const asked = async (side: ViewName) => {
    const states = await encode(viewPrompt(side, prompt));
    return slots ? withImplied(slots, states) : states;
  };
  return {
    sides: {
      front: await asked('front'),
      side: await asked('side'),
      back: await asked('back'),
    },
    negative: await encode(negative),
  };
}
