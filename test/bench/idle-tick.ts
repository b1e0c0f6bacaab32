import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";
import { type Bench, interleaved, median } from "./measure.ts";

const ROUNDS = 10;

/** A tick with nothing to do (connected, schema checked, heartbeat written) against a node program that does nothing. */
export const idleTick: Bench = async ({ databaseUrl, home }) => {
  const empty = join(home, "empty.mjs");
  writeFileSync(empty, "");
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ADSAPP_HOME: home };
  const run = (...args: string[]) =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit"] });
      child.once("close", (code) =>
        code === 0 ? resolve() : reject(new Error(`${args.join(" ")}: ${code}`)),
      );
    });
  const times = await interleaved(ROUNDS, {
    tick: () => run(join(packageRoot(), "bin", "adsapp.js"), "tick"),
    empty: () => run(empty),
  });
  const [tick, bare] = [median(times.tick), median(times.empty)];
  return [
    { what: `empty node program, median of ${ROUNDS}`, value: `${bare.toFixed(0)} ms` },
    { what: `idle adsapp tick, median of ${ROUNDS}`, value: `${tick.toFixed(0)} ms` },
    { what: "ratio (at most 1.9)", value: (tick / bare).toFixed(2) },
  ];
};
