import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createOutput, type Format, type Output } from "../../src/cli/output/index.ts";
import { watch } from "../../src/cli/watch.ts";

/** Watches a number that is another at each look, for as many looks as there are. */
async function watched(
  looks: readonly number[],
  format: Format,
  terminal: { isTTY?: boolean; columns?: number; rows?: number } = {},
): Promise<string> {
  let written = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const out = createOutput({
    stdout: Object.assign(stdout, terminal),
    stderr: stdout,
    format,
    color: true,
    timeZone: "UTC",
    quiet: false,
    verbose: false,
  });
  const stop = new AbortController();
  const rest = [...looks];
  const show = async (to: Output) => {
    await to.list([{ sent: rest.shift() }], [{ key: "sent" }]);
    if (rest.length === 0) stop.abort();
  };
  await watch(out, stop.signal, show, 1);
  return written;
}

describe("--watch", () => {
  it("draws over what it drew on a terminal, without colours, until it is interrupted", async () => {
    const text = await watched([1, 2], "table", { isTTY: true, columns: 40, rows: 10 });
    expect(text).toBe("Sent\n   1\n\u001b[2A\u001b[JSent\n   2\n");
  });

  it("writes all of it again off a terminal when it has changed, and only then", async () => {
    expect(await watched([1, 1, 2, 2], "table")).toBe("Sent\n   1\n\nSent\n   2\n");
  });

  it("is a stream of lines as NDJSON", async () => {
    expect(await watched([1, 1, 2], "ndjson")).toBe('{"sent":1}\n{"sent":2}\n');
  });

  it.each(["json", "csv"] as const)("is refused for --format %s, which has one end", async (format) => {
    await expect(watched([1], format)).rejects.toThrow(
      `--watch has no end that --format ${format} could wait for`,
    );
  });
});
