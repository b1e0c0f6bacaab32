import type { ChildProcess } from "node:child_process";

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

export function watch(child: ChildProcess): Running {
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
