import type { WriteStream } from 'node:tty';
import type { Portrait } from '../../shared/index.ts';
import { newLines, stageLines } from './progress.ts';

/** Shows how far a portrait is: bars that are redrawn in a terminal, plain lines anywhere else. */
export class ProgressDisplay {
  readonly #stream: WriteStream | NodeJS.WriteStream;
  #before: Portrait | undefined;
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(portrait: Portrait): void {
    if (this.#stream.isTTY) {
      const lines = stageLines(portrait, this.#stream.columns || 80);
      const up = this.#drawn > 0 ? `\u001B[${this.#drawn}A` : '';
      this.#stream.write(up + lines.map((line) => `\u001B[2K${line}\n`).join(''));
      this.#drawn = lines.length;
    } else {
      for (const line of newLines(this.#before, portrait)) this.#stream.write(`${line}\n`);
    }
    this.#before = portrait;
  }

  /** Writes a line that stays, below what is drawn. */
  say(line: string): void {
    this.#stream.write(`${line}\n`);
    this.#drawn = 0;
  }
}
