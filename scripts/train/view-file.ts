import { closeSync, openSync, readSync } from 'node:fs';

/** A file of as many bytes for each view of every person, one after the other, made once from a dataset. */
export class ViewFile {
  private readonly file: number;
  private readonly what: string;
  private readonly length: number;
  private readonly views: number;

  /**
   * @param what it holds, for who has to make it again
   * @param length bytes of a view
   * @param views of a person
   */
  constructor(path: string, what: string, length: number, views: number) {
    this.file = openSync(path, 'r');
    this.what = what;
    this.length = length;
    this.views = views;
  }

  /** @throws Error when the file ends before. */
  read(identity: number, view: number): Uint8Array {
    const bytes = new Uint8Array(this.length);
    const position = (identity * this.views + view) * this.length;
    if (readSync(this.file, bytes, 0, this.length, position) !== this.length)
      throw new Error(`The file of ${this.what} is cut short; delete it.`);
    return bytes;
  }

  close(): void {
    closeSync(this.file);
  }
}
