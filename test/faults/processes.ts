import type { ChildProcess } from "node:child_process";
import { onTestFinished } from "vitest";
import { until } from "../support/until.ts";

/** A tick that a test started and may do things to. */
export interface Running {
  child: ChildProcess;
  pid: number;
  /** its exit code, or the signal that ended it, and what it said */
  ended: Promise<Ended>;
  isOver: () => boolean;
}

export interface Ended {
  code: number | string | null;
  said: string;
}

/** Watches a process to its end; what still runs (or sleeps) when the test is over is killed. */
export function watch(child: ChildProcess): Running {
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin?.end();
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (text: Buffer) => said.push(text.toString()));
  let over = false;
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      over = true;
      resolve({ code: code ?? signal, said: said.join("") });
    });
  });
  return { child, pid: child.pid as number, ended, isOver: () => over };
}

/** Waits for something that this tick is to do. @throws Error when it has ended, or has not done it within a minute */
export async function during(
  tick: Running,
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  await until(what, async () => {
    if (await isSo()) return true;
    if (!tick.isOver()) return false;
    if (await isSo()) return true;
    const { code, said } = await tick.ended;
    throw new Error(`the tick ended with ${code} before: ${what}. It said: ${said}`);
  });
}
