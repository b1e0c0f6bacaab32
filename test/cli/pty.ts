import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";
import { type Answer, Answering } from "../support/answers.ts";
import type { World } from "./world.ts";

/** Runs adsapp on a pseudo-terminal (by util-linux' script), and answers what it asks. */
export async function atTerminal(
  { url, home }: World,
  words: readonly string[],
  answers: readonly Answer[],
): Promise<{ screen: string; exitCode: number | null; waitsFor: string | undefined }> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const child = spawn(
    "script",
    ["--quiet", "--return", "--command", `stty cols 100; "$NODE" "$BIN" ${quoted}`, "/dev/null"],
    {
      cwd: home,
      env: {
        PATH: process.env.PATH,
        TERM: "xterm",
        NODE: process.execPath,
        BIN: join(packageRoot(), "bin", "adsapp.js"),
        DATABASE_URL: url,
        ADSAPP_HOME: home,
      },
    },
  );
  const person = new Answering(answers, (keys) => child.stdin.write(keys));
  child.stdout.on("data", (chunk: Buffer) => person.show(chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  return { screen: person.screen, exitCode, waitsFor: person.waitsFor };
}
