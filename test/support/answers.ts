import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { Terminal } from "../../src/cli/prompt.ts";

export const KEY = { enter: "\r", down: "\u001b[B", space: " ", ctrlC: "\u0003" } as const;

/** A question, by a part of what stands there, and the keys that answer it. */
export type Answer = readonly [question: string, keys: string];

/** Waits for question after question, and answers each; what is shown beside them is kept. */
export class Answering {
  /** all that was shown, without colours */
  screen = "";
  #seen = 0;
  #next = 0;
  readonly #answers: readonly Answer[];
  readonly #press: (keys: string) => void;

  constructor(answers: readonly Answer[], press: (keys: string) => void) {
    this.#answers = answers;
    this.#press = press;
  }

  /** every question came */
  get isDone(): boolean {
    return this.#next === this.#answers.length;
  }

  /** the question that did not come */
  get waitsFor(): string | undefined {
    return this.#answers[this.#next]?.[0];
  }

  show(chunk: string): void {
    this.screen += stripVTControlCharacters(chunk);
    const [question, keys] = this.#answers[this.#next] ?? [];
    if (question === undefined || keys === undefined) return;
    const at = this.screen.indexOf(question, this.#seen);
    if (at < 0) return;
    this.#seen = this.screen.length;
    this.#next++;
    setImmediate(() => this.#press(keys));
  }
}

/** A terminal in this process, at which somebody answers. */
export function answering(answers: readonly Answer[]): { terminal: Terminal; answers: Answering } {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  // a prompt ends what it writes to, unless that is the process's own
  stdout.end = () => stdout;
  const person = new Answering(answers, (keys) => stdin.write(keys));
  stdout.on("data", (chunk: Buffer) => person.show(chunk.toString()));
  return { terminal: { stdin, stdout }, answers: person };
}
