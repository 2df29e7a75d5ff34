/** `npm run -s gradcheck -- DIR`: gradients of imported networks against recorded ones. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFolder } from './check.ts';
import { FixtureError } from './fixture.ts';

const USAGE = `Usage: npm run -s gradcheck -- DIR [options]

DIR holds model.onnx and fixture.npz, or several folders that do. The fixture's keys name the model's inputs, outputs and initializers:

  in.NAME           what an input is fed with
  seed.NAME         the cotangent of an output; outputs without one have none
  out.NAME          an output's value (may be left out)
  grad.in.NAME      the gradient with respect to an input
  grad.param.NAME   the gradient with respect to an initializer

Prints one JSON line for each output and gradient recorded, with its error: the largest difference relative to the largest magnitude. A last
line for each network has the worst. Keys of other names are ignored, and listed. Exits 1 where an error is past the tolerance, 2 where a
folder cannot be checked.

  --tolerance T     (1e-3)`;

/** The folders to check: the one given, or those in it. */
export function networksIn(folder: string): string[] {
  if (existsSync(join(folder, 'model.onnx'))) return [folder];
  if (!existsSync(folder)) throw new FixtureError(`there is no folder ${folder}`);
  const inner = readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'model.onnx')));
  if (inner.length === 0) throw new FixtureError(`neither ${folder} nor a folder in it holds a model.onnx`);
  return inner;
}

/** Check the folders and print a line for each comparison. @returns the exit code */
export async function gradcheck(
  folder: string,
  tolerance: number,
  print: (line: string) => void,
): Promise<number> {
  let code = 0;
  for (const path of networksIn(resolve(folder))) {
    const network = basename(path);
    try {
      const checked = await checkFolder(path, (keys) => print(JSON.stringify({ network, ignored: keys })));
      for (const { key, error, magnitude } of checked) {
        print(JSON.stringify({ network, key, error, magnitude, ok: error <= tolerance }));
      }
      const worst = checked.reduce((a, b) => (b.error > a.error ? b : a));
      const ok = worst.error <= tolerance;
      print(JSON.stringify({ network, worst: worst.error, of: worst.key, compared: checked.length, ok }));
      if (!ok) code = Math.max(code, 1);
    } catch (error) {
      print(
        JSON.stringify({
          network,
          failed: error instanceof Error ? error.message : String(error),
          ok: false,
        }),
      );
      code = 2;
    }
  }
  return code;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { tolerance: { type: 'string', default: '1e-3' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const tolerance = Number(values.tolerance);
  if (positionals.length !== 1 || !(tolerance > 0)) {
    console.error(USAGE);
    return 2;
  }
  return gradcheck(positionals[0], tolerance, console.log);
}

if (import.meta.filename === process.argv[1]) {
  process.exitCode = await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  });
}
