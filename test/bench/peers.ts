import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";

const FOLDER = join(packageRoot(), "test", "bench");

/** What adsapp is measured against is installed here, by its own lock file, on first use. @returns false without network */
export function installPeers(): boolean {
  const installed = () =>
    ["graphile-worker", "pg-boss"].every((name) => existsSync(join(FOLDER, "node_modules", name)));
  if (installed()) return true;
  console.error("installing graphile-worker and pg-boss into test/bench (npm ci)…");
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: FOLDER,
    encoding: "utf8",
  });
  if (npm.status === 0 && installed()) return true;
  console.error(
    `graphile-worker and pg-boss could not be installed, so their rows are left out: ${npm.stderr.trim()}`,
  );
  return false;
}

export function candidate(name: string): string {
  return join(FOLDER, "candidates", `${name}.mjs`);
}
