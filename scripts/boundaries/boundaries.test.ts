import { describe, expect, test } from 'vitest';
import { importsOf } from './imports.ts';
import { violation } from './rules.ts';

const check = (file: string, specifier: string) => violation({ file, line: 3, specifier });

describe('violation', () => {
  test.each([
    ['edge/jobs/machine.ts', '../../shared/index.ts'],
    ['gpu-functions/nn/adam.ts', '../graph/index.ts'],
    ['gpu-functions/server/app.ts', '../stages/index.ts'],
    ['gpu-functions/server/app.ts', './log.ts'],
    ['gpu-functions/graph/run/session.ts', '../build/value.ts'],
    ['scripts/train/main.ts', '../../gpu-functions/diffusion/unet/unet.ts'],
    ['test/edge/worker.test.ts', '../../edge/api/portraits.ts'],
    ['gpu-functions/graph/session.ts', 'onnxruntime-node'],
  ])('%s may import %s', (file, specifier) => {
    expect(check(file, specifier)).toBeUndefined();
  });

  test.each([
    ['shared/stages.ts', '../edge/worker.ts', /shared may not import edge .* no other room/],
    [
      'edge/worker.ts',
      '../gpu-functions/stages/index.ts',
      /edge may not import gpu-functions\/stages .* only shared/,
    ],
    ['gpu-functions/server/app.ts', '../../edge/worker.ts', /gpu-functions\/server may not import edge/],
    [
      'gpu-functions/graph/value.ts',
      '../nn/index.ts',
      /gpu-functions\/graph may not import gpu-functions\/nn/,
    ],
    ['gpu-functions/portrait/decoder.ts', '../diffusion/index.ts', /may not import gpu-functions\/diffusion/],
    ['gpu-functions/weights/profile.ts', '../portrait/index.ts', /may not import gpu-functions\/portrait/],
    ['gpu-functions/stages/models.ts', '../server/log.ts', /may not import gpu-functions\/server/],
    ['gpu-functions/nn/adam.ts', '../../scripts/train/loss.ts', /may not import scripts/],
    [
      'gpu-functions/nn/adam.ts',
      '../graph/value.ts',
      /goes round the door .* gpu-functions\/graph\/index\.ts/,
    ],
    ['shared/keys.ts', 'node:crypto', /shared runs in workerd .* 'node:crypto'/],
    ['edge/worker.ts', 'sharp', /edge runs in workerd/],
    ['edge/worker.ts', '../package.json', /lies in no room/],
  ])('%s may not import %s', (file, specifier, message) => {
    expect(check(file, specifier)).toMatch(message);
    expect(check(file, specifier)).toContain(`${file}:3: `);
  });
});

describe('importsOf', () => {
  test('finds every form of import with its line', () => {
    const source = [
      `import { a } from './a.ts';`,
      `import type { B } from "./b.ts";`,
      `import './side-effect.ts';`,
      `export * from './c.ts';`,
      `import {`,
      `  d,`,
      `} from './d.ts';`,
      `const e = await import('./e.ts');`,
      `new Worker(new URL('./f.ts', import.meta.url));`,
    ].join('\n');
    expect(importsOf('x.ts', source).map(({ line, specifier }) => [line, specifier])).toEqual([
      [1, './a.ts'],
      [2, './b.ts'],
      [3, './side-effect.ts'],
      [4, './c.ts'],
      [7, './d.ts'],
      [8, './e.ts'],
      [9, './f.ts'],
    ]);
  });

  test('leaves comments and template texts alone', () => {
    const source = [
      `// import './a.ts'`,
      `/* from './b.ts' */`,
      'const text = `import "./c.ts"`;',
      `const url = 'http://x'; import './d.ts';`,
    ].join('\n');
    expect(importsOf('x.ts', source).map((found) => found.specifier)).toEqual(['./d.ts']);
  });
});
