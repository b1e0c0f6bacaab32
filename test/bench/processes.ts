// What processes cost, from /proc (Linux).
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
const LOOK_MS = 50;

export interface Cost {
  /** seconds of the epoch */
  endedAt: number;
  cpuSeconds: number;
  peakMemoryMb: number;
}

/** Runs a program to its end. @throws Error with what it said, when it fails */
export async function runProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const before = endedChildrenCpuSeconds();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, TZ: "UTC", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  let peakMemoryMb = 0;
  const look = setInterval(() => (peakMemoryMb = Math.max(peakMemoryMb, peakOf(child.pid ?? 0))), LOOK_MS);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const endedAt = performance.timeOrigin + performance.now();
  clearInterval(look);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${said}`);
  return { endedAt, cpuSeconds: endedChildrenCpuSeconds() - before, peakMemoryMb };
}

/** CPU of a PostgreSQL server so far: its processes that live, and those that it has waited for. */
export function serverCpuSeconds(postmaster: number): number {
  const family = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => statOf(Number(pid)))
    .filter((stat) => stat !== undefined && (stat.pid === postmaster || stat.parent === postmaster));
  return family.reduce(
    (sum, stat) => sum + (stat?.own ?? 0) + (stat?.pid === postmaster ? stat.waitedFor : 0),
    0,
  );
}

/** The postmaster of a backend. */
export function parentOf(pid: number): number {
  return statOf(pid)?.parent ?? 0;
}

/** CPU of this process itself. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU of this process's children that have ended. */
export function endedChildrenCpuSeconds(): number {
  return statOf(process.pid)?.waitedFor ?? 0;
}

function statOf(pid: number) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const seconds = (...at: number[]) => at.reduce((sum, i) => sum + Number(fields[i]), 0) / TICKS_PER_SECOND;
    return { pid, parent: Number(fields[1]), own: seconds(11, 12), waitedFor: seconds(13, 14) };
  } catch {
    return undefined; // it has just ended
  }
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
