import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostTensor } from '../../gpu-functions/graph/index.ts';
import { readNpz } from '../../gpu-functions/weights/npz.ts';

/** What fixture.npz holds, by the names of the model. */
export interface Fixture {
  /** `in.NAME`: what the model is fed with. */
  readonly inputs: ReadonlyMap<string, HostTensor>;
  /** `seed.NAME`: cotangents of outputs; those without one have none. */
  readonly seeds: ReadonlyMap<string, HostTensor>;
  /** `out.NAME`: outputs, where they are recorded. */
  readonly outputs: ReadonlyMap<string, HostTensor>;
  /** `grad.in.NAME`: gradients with respect to inputs. */
  readonly inputGradients: ReadonlyMap<string, HostTensor>;
  /** `grad.param.NAME`: gradients with respect to initializers. */
  readonly parameterGradients: ReadonlyMap<string, HostTensor>;
  /** Keys that mean nothing here. */
  readonly ignored: readonly string[];
}

const PREFIXES = ['in.', 'seed.', 'out.', 'grad.in.', 'grad.param.'] as const;

/** A folder that gradcheck cannot work with, and what to do about it. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError';
}

/** Read fixture.npz of a folder. @throws FixtureError for a missing file or key */
export function readFixture(folder: string): Fixture {
  const path = join(folder, 'fixture.npz');
  if (!existsSync(path))
    throw new FixtureError(`${path} is missing: save inputs, seeds and gradients with numpy.savez`);
  const arrays = readNpz(readFileSync(path));
  const under = (prefix: string): Map<string, HostTensor> =>
    new Map(
      [...arrays].flatMap(([key, t]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), t] as const] : [],
      ),
    );
  const fixture = {
    inputs: under('in.'),
    seeds: under('seed.'),
    outputs: under('out.'),
    inputGradients: under('grad.in.'),
    parameterGradients: under('grad.param.'),
    ignored: [...arrays.keys()].filter((key) => !PREFIXES.some((p) => key.startsWith(p))),
  };
  if (fixture.seeds.size === 0)
    throw new FixtureError(`${path}: there is no seed.NAME, the cotangent of an output`);
  if (fixture.inputGradients.size + fixture.parameterGradients.size === 0) {
    throw new FixtureError(`${path}: there is neither a grad.in.NAME nor a grad.param.NAME to compare with`);
  }
  return fixture;
}
