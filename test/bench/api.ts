import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";

export interface Api {
  /** as a sender's api_url */
  url: string;
  /** what it accepted since the last time it was asked; `firstAt` in milliseconds of the epoch */
  take(): Promise<{ accepted: number; firstAt: number }>;
  stop(): void;
}

/** Starts the stand-in (api.mjs) as a process of its own, on loopback. */
export async function startApi(latencyMs: number): Promise<Api> {
  const child = fork(join(packageRoot(), "test", "bench", "api.mjs"), [String(latencyMs)], { execArgv: [] });
  const heard = async () => (await once(child, "message"))[0];
  const { port } = await heard();
  return {
    url: `http://127.0.0.1:${port}/v25.0`,
    take() {
      child.send("take");
      return heard();
    },
    stop: () => child.disconnect(),
  };
}
