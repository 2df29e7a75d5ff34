import type { Import } from './rules.ts';

/** Comments, and texts that hold no import, in the order a reader of the file meets them. */
const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^\\`])*`|'(?:\\.|[^\\'\n])*'|"(?:\\.|[^\\"\n])*"/g;

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`, `new URL('./x.ts', import.meta.url)`. */
const IMPORT =
  /\b(?:from|import)\s*(?:\(\s*)?(['"])([^'"\n]+)\1|\bnew\s+URL\(\s*(['"])(\.[^'"\n]+\.ts)\3\s*,\s*import\.meta\.url/g;

/** Every import of a TypeScript file, types and dynamic ones and worker entries included. */
export function importsOf(file: string, source: string): Import[] {
  // Comments and template texts are blanked, with their line ends kept so that lines stay true.
  const code = source.replace(TOKEN, (token) =>
    token.startsWith('/') || token.startsWith('`') ? token.replace(/[^\n]/g, ' ') : token,
  );
  return [...code.matchAll(IMPORT)].map((match) => ({
    file,
    line: code.slice(0, match.index).split('\n').length,
    specifier: (match[2] ?? match[4])!,
  }));
}
