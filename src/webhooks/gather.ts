/**
 * Many who wait for the same kind of write share it: what comes in while one is on its way goes with the next. A lone
 * item waits for nobody, and a hundred at once make two statements.
 */
export class Gather<Item> {
  readonly #write: (items: readonly Item[]) => Promise<void>;
  readonly #atOnce: number;
  #waiting: { item: Item; done: () => void; failed: (error: unknown) => void }[] = [];
  #writing = false;

  constructor(write: (items: readonly Item[]) => Promise<void>, atOnce: number) {
    this.#write = write;
    this.#atOnce = atOnce;
  }

  /** Resolves when the item is written. @throws what the write met, which all that went with it meet */
  add(item: Item): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#atOnce);
      try {
        await this.#write(batch.map(({ item }) => item));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = false;
  }
}
