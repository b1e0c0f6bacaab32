import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../src/root.ts";

interface Locked {
  version?: string;
  license?: string;
  dev?: boolean;
}

/** Every package that is installed with ours, by the lockfile. */
export function licencesTable(): string {
  const lock = JSON.parse(readFileSync(join(packageRoot(), "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const lines = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== "" && dev !== true)
    .map(
      ([path, { version, license }]) =>
        `| ${path.replace(/^.*node_modules\//, "")} | ${version} | ${license} |`,
    );
  return ["| package | version | licence |", "|---|---|---|", ...new Set(lines)].join("\n");
}
