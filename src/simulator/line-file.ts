import { type FileHandle, open } from "node:fs/promises";
import { UserError } from "../errors.ts";

/** A file that grows by whole lines, written behind the caller's back in the order given. It holds phone numbers: 0600. */
export class LineFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #fault: UserError | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Appends to what is there. @throws UserError when the file cannot be opened */
  static async open(path: string): Promise<LineFile> {
    const handle = await open(path, "a", 0o600).catch((error: NodeJS.ErrnoException) => {
      throw new UserError(`${path} cannot be written (${error.code})`);
    });
    return new LineFile(path, handle);
  }

  append(line: string): void {
    this.#waiting.push(`${line}\n`);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when every line given so far is in the file. @throws UserError when one could not be written */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#fault !== undefined) throw this.#fault;
  }

  async close(): Promise<void> {
    await this.written().finally(() => this.#handle.close());
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.join("");
      this.#waiting = [];
      await this.#handle.appendFile(lines).catch((error: NodeJS.ErrnoException) => {
        this.#fault ??= new UserError(`${this.#path} cannot be written (${error.code})`);
      });
    }
    this.#writing = undefined;
  }
}
