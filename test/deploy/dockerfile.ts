/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  name: string;
  text: string;
}

/** The instructions of a Dockerfile, in order, without comments. */
export function parseDockerfile(source: string): Instruction[] {
  const lines = source.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => {
      const [, name, text] = /^([A-Za-z]+)\s+(.*)$/.exec(line.trim()) ?? [];
      if (!name) throw new Error(`no instruction: ${line}`);
      return { name: name.toUpperCase(), text: text! };
    });
}

/** The instructions of the last stage: those of the image that is made. */
export function lastStage(instructions: readonly Instruction[]): Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
}

/** An argument list written as JSON, which runs without a shell between it and its signals. @throws otherwise */
export function execForm(text: string): string[] {
  return JSON.parse(text) as string[];
}
