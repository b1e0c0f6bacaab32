import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";
import { type Bench, interleaved, median, timed } from "./measure.ts";

const ROUNDS = 15;

/** A tick with nothing to do (connected, schema checked, heartbeat written), and --version, against an empty program. */
export const coldStart: Bench = async ({ newDatabase, home }) => {
  const { url } = await newDatabase();
  const empty = join(home, "empty.mjs");
  writeFileSync(empty, "");
  const env = { PATH: process.env.PATH, DATABASE_URL: url, ADSAPP_HOME: home };
  const run = (...args: string[]) =>
    timed(
      () =>
        new Promise<void>((resolve, reject) => {
          const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
          child.once("close", (code) =>
            code === 0 ? resolve() : reject(new Error(`${args.join(" ")}: ${code}`)),
          );
        }),
    );
  const adsapp = join(packageRoot(), "bin", "adsapp.js");
  const times = await interleaved(ROUNDS, {
    tick: () => run(adsapp, "tick"),
    empty: () => run(empty),
    version: () => run(adsapp, "--version"),
  });
  const [tick, bare, version] = [median(times.tick), median(times.empty), median(times.version)];
  return [
    { what: "empty node program", value: bare, unit: "ms" },
    { what: "adsapp --version", value: version, unit: "ms" },
    { what: "idle adsapp tick", value: tick, unit: "ms" },
    {
      what: "idle tick, times the empty program",
      value: tick / bare,
      unit: "",
      wanted: "at most 1.9, aim 1.5",
    },
  ];
};
