import type { BaseMesh, Targets } from '../assets/index.ts';

/** What MakeHuman calls the macro and detail modifiers of one person. */
export interface BodyShape {
  /** 0 female … 1 male. */
  gender: number;
  /** 0.1875 = 10 years, 0.5 = 25 years, 1 = 90 years, linear between. */
  age: number;
  /** Weights that sum to 1. */
  ancestry: { african: number; asian: number; caucasian: number };
  /** 0…1 with the average at 0.5. */
  weight: number;
  muscle: number;
  height: number;
  proportions: number;
  cup: number;
  /** Sliders (−1…1) by slider name, or one-sided targets (0…1) by target name. */
  details: Record<string, number>;
  /** Expression units, 0…1. */
  expression: Record<string, number>;
}

type Mixture = [name: string, weight: number][];

const present = (mixture: Mixture): Mixture => mixture.filter(([, weight]) => weight > 1e-6);

/** Piecewise linear weights of three stops at 0, 0.5 and 1. */
function threeStops(x: number, low: string, middle: string, high: string): Mixture {
  const below = Math.max(0, 1 - 2 * x);
  const above = Math.max(0, 2 * x - 1);
  return present([
    [low, below],
    [middle, 1 - below - above],
    [high, above],
  ]);
}

function ageMixture(age: number): Mixture {
  const young = age < 0.5 ? Math.max(0, (age - 0.1875) * 3.2) : 2 - 2 * age;
  return present([
    ['child', age < 0.5 ? 1 - young : 0],
    ['young', young],
    ['old', Math.max(0, 2 * age - 1)],
  ]);
}

/** Weights of all targets of a shape: macro targets combine by products, names that do not exist mean no change. */
function* targetWeights(shape: BodyShape, { sliders }: Targets): Generator<[name: string, weight: number]> {
  const ancestry = Object.entries(shape.ancestry);
  const genders = present([
    ['female', 1 - shape.gender],
    ['male', shape.gender],
  ]);
  const muscles = threeStops(shape.muscle, 'minmuscle', 'averagemuscle', 'maxmuscle');
  const weights = threeStops(shape.weight, 'minweight', 'averageweight', 'maxweight');
  const heights = threeStops(shape.height, 'minheight', 'averageheight', 'maxheight');
  const proportions = threeStops(
    shape.proportions,
    'uncommonproportions',
    'regularproportions',
    'idealproportions',
  );
  const cups = threeStops(shape.cup, 'mincup', 'averagecup', 'maxcup');
  for (const [gender, g] of genders) {
    for (const [age, a] of ageMixture(shape.age)) {
      for (const [race, r] of ancestry) yield [`macrodetails/${race}-${gender}-${age}`, g * a * r];
      for (const [muscle, m] of muscles) {
        for (const [weight, w] of weights) {
          const build = `${gender}-${age}-${muscle}-${weight}`;
          const f = g * a * m * w;
          yield [`macrodetails/universal-${build}`, f];
          for (const [height, h] of heights) yield [`macrodetails/height/${build}-${height}`, f * h];
          for (const [kind, p] of proportions) yield [`macrodetails/proportions/${build}-${kind}`, f * p];
          if (gender === 'female') {
            for (const [cup, c] of cups) yield [`breast/${build}-${cup}-averagefirmness`, f * c];
          }
        }
      }
    }
  }
  for (const [name, value] of Object.entries(shape.details)) {
    const slider = sliders.get(name);
    if (slider) yield [value < 0 ? slider[0] : slider[1], Math.abs(value)];
    else yield [name, value];
  }
  for (const [unit, value] of Object.entries(shape.expression)) {
    for (const [race, r] of ancestry) yield [`expression/units/${race}/${unit}`, value * r];
  }
}

/** The base mesh's vertices (dm) moved to a shape, still in the rest pose. */
export function morph(base: BaseMesh, targets: Targets, shape: BodyShape): Float32Array {
  const out = base.vertices.slice();
  for (const [name, weight] of targetWeights(shape, targets)) {
    const target = targets.byName.get(name);
    if (!target || Math.abs(weight) < 1e-5) continue;
    const { vertices, offsets } = target;
    const k = weight * 1e-3;
    for (let i = 0; i < vertices.length; i++) {
      const v = 3 * vertices[i];
      out[v] += offsets[3 * i] * k;
      out[v + 1] += offsets[3 * i + 1] * k;
      out[v + 2] += offsets[3 * i + 2] * k;
    }
  }
  return out;
}
