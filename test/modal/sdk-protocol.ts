import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

/** A gRPC service as ts-proto defines it: methods with their codecs. */
interface ServiceDefinition {
  name: string;
  fullName: string;
  methods: Record<string, unknown>;
}

/**
 * The control plane's service as the installed SDK has it. The SDK bundles the codecs and does not export them, so its
 * own file is compiled once more, to return them: the double then speaks exactly what this version speaks.
 */
export const ModalClientDefinition = load();

function load(): ServiceDefinition {
  const require = createRequire(import.meta.url);
  const file = require.resolve('modal');
  const compiled = compileFunction(
    `${readFileSync(file, 'utf8')}\nreturn ModalClientDefinition;`,
    ['exports', 'require', 'module', '__filename', '__dirname'],
    { filename: file },
  ) as (...names: unknown[]) => ServiceDefinition;
  return compiled({}, createRequire(file), { exports: {} }, file, dirname(file));
}
