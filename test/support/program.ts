import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";
import { runInProcess } from "./in-process.ts";
import { expectNoSecret, withCanary } from "./secrets.ts";

export interface Ran {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export interface RunOptions {
  databaseUrl?: string;
  home?: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  cwd?: string;
}

function environment(options: RunOptions): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: options.home ?? "/nonexistent",
    TZ: "UTC",
    ...(options.home === undefined ? {} : { ADSAPP_HOME: options.home }),
    ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: withCanary(options.databaseUrl) }),
    ...options.env,
  };
}

/** Starts `bin/adsapp.js` as a process of its own, as cron would, and gives the child. */
export function startAdsapp(args: readonly string[], options: RunOptions = {}) {
  return spawn(process.execPath, [join(packageRoot(), "bin", "adsapp.js"), ...args], {
    cwd: options.cwd ?? packageRoot(),
    stdio: ["pipe", "pipe", "pipe"],
    env: environment(options),
  });
}

/**
 * Runs a command of the built program to its end, in this process: starting one takes ten times as long as most commands.
 * Never throws for an exit code: the test looks at it. Where a process is the subject, or two ticks run at once (a lane's
 * holder is a process), it is runAdsappProcess.
 */
export async function runAdsapp(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const needsOwn = options.cwd !== undefined || Object.keys(options.env ?? {}).some(isForNode);
  if (needsOwn) return runAdsappProcess(args, options);
  const env = environment(options);
  return expectNoSecret(args, env, await runInProcess(args, env, options.input));
}

/** Variables that Node reads at its start. */
const isForNode = (variable: string) => variable === "TZ" || variable.startsWith("NODE_");

/** As runAdsapp, as a process of its own (startAdsapp): what it leaves open would keep it from ending. */
export async function runAdsappProcess(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = startAdsapp(args, options);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.end(options.input ?? "");
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const ran = { stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), exitCode };
  return expectNoSecret(args, environment(options), ran);
}
