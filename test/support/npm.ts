import { spawn } from "node:child_process";
import type { Ran } from "./program.ts";

/** Runs a program to its end, with this environment and what is given. Never throws for an exit code. */
export async function runProgram(
  file: string,
  args: readonly string[],
  given: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const child = spawn(file, args, {
    cwd: given.cwd,
    env: given.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => {
      written[name] += chunk.toString();
    });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  return { ...written, exitCode };
}

/** npm, as this machine has it set up; what its cache holds is not fetched again. @throws with what it said */
export async function npm(cwd: string, ...args: string[]): Promise<string> {
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  const { stdout, stderr, exitCode } = await runProgram("npm", [...args, ...quiet], { cwd });
  if (exitCode !== 0) throw new Error(`npm ${args.join(" ")} ended with ${exitCode}: ${stderr.slice(-2000)}`);
  return stdout;
}
