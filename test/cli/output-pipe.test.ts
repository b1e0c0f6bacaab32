import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const index = new URL("../../src/cli/output/index.ts", import.meta.url).href;
const GUARDED = `
  import { createOutput, guardPipe } from ${JSON.stringify(index)};
  guardPipe(process.stdout);
`;

/** Writes far more than a pipe holds. */
const WRITER = `${GUARDED}
  const { stdout, stderr } = process;
  const out = createOutput({ stdout, stderr, format: "ndjson", color: false, timeZone: "UTC", quiet: false, verbose: false });
  async function* rows() {
    for (let batch = 0; batch < 1000; batch++) yield Array.from({ length: 1000 }, (_, at) => ({ batch, at }));
  }
  await out.stream(rows(), [{ key: "batch" }, { key: "at" }]);
  out.say("all of it was written");
`;

const FULL_DISK = `${GUARDED}
  process.stdout.emit("error", Object.assign(new Error("no space left on device"), { code: "ENOSPC" }));
`;

/** Runs the program in a shell that prints how it ended. */
function ended(program: string, reader: string): Promise<{ stdout: string; stderr: string }> {
  const shell = `"$1" --import tsx --input-type=module -e "$2" | ${reader}; echo "ended with $PIPESTATUS"`;
  return promisify(execFile)("bash", ["-c", shell, "bash", process.execPath, program]);
}

it("a closed pipe ends the program quietly with 0", async () => {
  expect(await ended(WRITER, "head -1")).toEqual({
    stdout: '{"batch":0,"at":0}\nended with 0\n',
    stderr: "",
  });
});

it("a full disk ends it with 1 and one line", async () => {
  expect(await ended(FULL_DISK, "cat")).toEqual({
    stdout: "ended with 1\n",
    stderr: "error: the output cannot be written (ENOSPC)\n",
  });
});
