import { HELD_OUT } from './dataset.ts';

/** Planes [C, S, S] as they were found and as they are. */
export interface Pair {
  readonly found: Float32Array;
  readonly wanted: Float32Array;
  /** Whether they count where nobody is, too. */
  readonly everywhere?: boolean;
}

type Kind = 'rendered' | 'drawn';

/** How far planes that a network draws are from the true ones of people never trained on, those with rendered and those with drawn pictures apart. */
export class Misses {
  readonly #sums = { rendered: new Map<string, number>(), drawn: new Map<string, number>() };
  readonly #covered = { rendered: 0, drawn: 0 };

  /** @param mask [S, S], 1 where somebody is */
  add(how: Kind, mask: Float32Array, pairs: Record<string, Pair>): void {
    const area = mask.length;
    this.#covered[how] += mask.reduce((sum, x) => sum + x, 0);
    const sums = this.#sums[how];
    for (const [name, { found, wanted, everywhere }] of Object.entries(pairs)) {
      let sum = 0;
      for (let i = 0; i < wanted.length; i++)
        if (everywhere || mask[i % area] === 1) sum += Math.abs(found[i] - wanted[i]);
      sums.set(name, (sums.get(name) ?? 0) + sum / (wanted.length / area));
    }
  }

  /** A line for who watches a training: means over the pixels in which somebody is. */
  report(): string {
    const means = Object.entries(this.#sums).map(([how, sums]) => {
      const covered = this.#covered[how as Kind];
      return [how, ...[...sums].map(([name, sum]) => `${name} ${(sum / covered).toFixed(4)}`)].join('  ');
    });
    return `${HELD_OUT} people never trained on miss, on average: ${means.join(';  ')}`;
  }
}
