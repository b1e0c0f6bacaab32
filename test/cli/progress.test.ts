import { clearLine, cursorTo, moveCursor } from "node:readline";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgress, type ProgressOptions, progressLine } from "../../src/cli/progress.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A log, or a terminal of so many columns, and a clock that stands until it is moved. */
function setup(given: { columns?: number; quiet?: boolean; total?: number } = {}) {
  let text = "";
  let now = 0;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const terminal = {
    isTTY: true,
    columns: given.columns,
    cursorTo: (x: number) => cursorTo(stream, x),
    moveCursor: (dx: number, dy: number) => moveCursor(stream, dx, dy),
    clearLine: (side: -1 | 0 | 1) => clearLine(stream, side),
  };
  const options: ProgressOptions = {
    stderr: given.columns === undefined ? stream : Object.assign(stream, terminal),
    quiet: given.quiet ?? false,
    title: "reading",
    clock: () => now,
    ...(given.total === undefined ? {} : { total: given.total }),
  };
  const wait = (milliseconds: number) => {
    now += milliseconds;
    vi.advanceTimersByTime(milliseconds);
  };
  return { progress: createProgress(options), wait, written: () => text };
}

/** What stands on the screen, without the sequences that put it there. */
function drawn(text: string): string[] {
  return text.split(/\u001b\[\??[0-9;]*[A-Za-z]/g).filter((piece) => piece !== "");
}

describe("progress in a log", () => {
  it("is silent when the work takes less than ten seconds", () => {
    const { progress, wait, written } = setup();
    progress.advance(100);
    wait(9_999);
    progress.advance(100);
    progress.done();
    expect(written()).toBe("");
  });

  it("is a line each ten seconds, also while the work itself says nothing", () => {
    const { progress, wait, written } = setup({ total: 100_000 });
    progress.advance(20_000);
    wait(10_000);
    wait(3_000);
    progress.advance(20_000);
    wait(7_000);
    progress.done("Read 40 000 rows.");
    wait(60_000);
    expect(written().split("\n")).toEqual([
      "reading 20 000 of 100 000 (20 %), 2 000/s, 40 s left",
      "reading 40 000 of 100 000 (40 %), 2 000/s, 30 s left",
      "Read 40 000 rows.",
      "",
    ]);
  });

  it("tells the time left of work whose end nobody knows, by the share that is done", () => {
    const { progress, wait, written } = setup();
    progress.advance(20_000, 0.1);
    wait(10_000);
    progress.advance(100_000, 0.75);
    wait(10_000);
    progress.done();
    expect(written().split("\n")).toEqual([
      "reading 20 000 of about 200 000 (10 %), 2 000/s, 90 s left",
      "reading 120 000 of about 160 000 (75 %), 6 000/s, 7 s left",
      "",
    ]);
  });

  it("is what a terminal of no columns gets", () => {
    const { progress, wait, written } = setup({ columns: 0 });
    progress.advance(5);
    wait(10_000);
    progress.done();
    expect(written()).toBe("reading 5, 1/s\n");
  });
});

describe("progress on a terminal", () => {
  it("is one line with bar, count, rate and time left, which goes when the work is done", async () => {
    const { progress, wait, written } = setup({ columns: 100, total: 50_000 });
    progress.advance(12_500);
    wait(3_000);
    await vi.dynamicImportSettled();
    expect(drawn(written()).at(-1)).toMatch(
      /^. reading █████░{15} 12 500 of 50 000 \(25 %\), 4 167\/s, 9 s left$/,
    );
    const before = written().length;
    progress.done("Read 50 000 rows.");
    expect(written().slice(before)).toBe("\u001b[1G\u001b[0KRead 50 000 rows.\n");
  });

  it("is drawn at most ten times a second", async () => {
    const { progress, wait, written } = setup({ columns: 100 });
    wait(100);
    await vi.dynamicImportSettled();
    const before = drawn(written()).length;
    for (let i = 0; i < 1000; i++) {
      progress.advance(1);
      wait(1);
    }
    expect(drawn(written()).length - before).toBeLessThanOrEqual(10);
    expect(drawn(written()).at(-1)).toContain("reading 1 000");
    progress.done();
  });

  it("fits the terminal", async () => {
    const { progress, wait, written } = setup({ columns: 20, total: 50_000 });
    wait(100);
    await vi.dynamicImportSettled();
    expect(Math.max(...drawn(written()).map((line) => line.length))).toBeLessThan(20);
    progress.done();
  });

  it("makes room for notes, with what hides in them shown", async () => {
    const { progress, wait, written } = setup({ columns: 100 });
    wait(100);
    await vi.dynamicImportSettled();
    const before = written().length;
    progress.note("line 7: \u001b[2J is no phone");
    expect(written().slice(before)).toBe("\u001b[1G\u001b[0Kline 7: \\x1b[2J is no phone\n");
    progress.done();
  });

  it("draws nothing for work that is done at once, nor after it is done", async () => {
    const { progress, wait, written } = setup({ columns: 100 });
    progress.advance(3);
    progress.done();
    progress.done();
    progress.advance(3);
    wait(1_000);
    progress.advance(3);
    await vi.dynamicImportSettled();
    expect(drawn(written())).toEqual([]);
  });
});

it("says nothing with --quiet, in a log and on a terminal", async () => {
  for (const columns of [undefined, 100]) {
    const { progress, wait, written } = setup({
      quiet: true,
      ...(columns === undefined ? {} : { columns }),
    });
    progress.advance(5);
    wait(60_000);
    progress.note("a note");
    progress.done("Done.");
    await vi.dynamicImportSettled();
    expect(written()).toBe("");
  }
});

describe("the line of progress", () => {
  it.each([
    [{ count: 0, total: 10, seconds: 0 }, "x 0 of 10 (0 %), 0/s"],
    [{ count: 5, total: undefined, seconds: 1 }, "x 5, 5/s"],
    [{ count: 12, total: 10, seconds: 1 }, "x 12 of 10 (100 %), 12/s, 0 s left"],
    [{ count: 1, total: 7201, seconds: 1 }, "x 1 of 7 201 (0 %), 1/s, 2 h 0 min left"],
    [{ count: 5, total: 0, seconds: 1 }, "x 5, 5/s"],
    [
      { count: 12e6, total: 50e6, seconds: 3, unit: { name: "MB", size: 1e6 } },
      "x 12 of 50 MB (24 %), 4 MB/s, 10 s left",
    ],
    [{ count: 5, total: 10, seconds: 1, isEstimate: true }, "x 5 of about 10 (50 %), 5/s, 1 s left"],
  ])("of %j is %s", (state, line) => {
    expect(progressLine({ title: "x", ...state })).toBe(line);
  });
});
