import { float32, hostTensor } from '../graph/index.ts';
import type { HostTensor } from '../graph/index.ts';

/** The side of a person that a camera sees, as texts name it. */
export type ViewName = 'front' | 'side' | 'back';

/** An azimuth in degrees brought into (−180, 180]; 0 looks at the face. */
function wrapped(azimuth: number): number {
  return azimuth - 360 * Math.ceil((azimuth - 180) / 360);
}

/** The nearest view's name: front below 45°, back above 135°, else side. */
export function viewName(azimuth: number): ViewName {
  const a = Math.abs(wrapped(azimuth));
  if (a < 45) return 'front';
  return a > 135 ? 'back' : 'side';
}

/** The text of one view: "front view, an old man …". Networks are trained on this form. */
export function viewPrompt(view: ViewName, prompt: string): string {
  return `${view} view, ${prompt}`;
}

/** How much of each view's text an azimuth in degrees gets: linear between front (0°), side (±90°) and back (180°); Portrait3D's SDS. */
export function viewWeights(azimuth: number): Record<ViewName, number> {
  const a = Math.abs(wrapped(azimuth));
  const share = a / 90;
  if (a < 90) return { front: 1 - share, side: share, back: 0 };
  return { front: 0, side: 2 - share, back: share - 1 };
}

/** The three views' states [1, T, E] mixed for an azimuth in degrees. */
export function viewContext(states: Record<ViewName, HostTensor>, azimuth: number): HostTensor {
  const weights = viewWeights(azimuth);
  const out = new Float32Array(float32(states.front).length);
  for (const view of ['front', 'side', 'back'] as const) {
    if (weights[view] === 0) continue;
    const state = float32(states[view]);
    for (let i = 0; i < out.length; i++) out[i] += weights[view] * state[i];
  }
  return hostTensor(out, states.front.shape);
}
