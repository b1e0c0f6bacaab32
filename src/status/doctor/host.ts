import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageRoot } from "../../root.ts";
import { broken, type Finding, ok, warn } from "./finding.ts";

const MEGABYTE = 1024 * 1024;
/** The embedded database writes up to 1 GB of log ahead of its tables (cluster.ts). */
const LITTLE = 2048;
const NONE = 256;

/** The version of node that runs this. @param version `20.19.0` */
export function nodeFinding(version = process.versions.node): Finding {
  const { engines } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    engines: { node: string };
  };
  const least = engines.node.replace(/^\D+/, "");
  return isBelow(version, least)
    ? broken(
        "node",
        `node ${version}; adsapp wants ${least} or newer`,
        "install a newer node and put it first in cron's PATH",
      )
    : ok("node", `node ${version}`);
}

/** @param least `20.19` */
function isBelow(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const at = want.findIndex((part, i) => part !== (have[i] ?? 0));
  return at >= 0 && (have[at] ?? 0) < (want[at] as number);
}

/** Room where the embedded database is; without one, where the state folder is, with a log sender's messages. */
export async function diskFinding(wanted: string, holdsDatabase: boolean): Promise<Finding> {
  const folder = existing(wanted);
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  const what = `${free} MB free in ${folder}${holdsDatabase ? ", where the embedded database is" : ""}`;
  const mend = holdsDatabase ? "free some, or: adsapp prune, and ADSAPP_HOME on a larger disk" : "free some";
  if (free < NONE && holdsDatabase) return broken("disk", what, mend);
  return free < (holdsDatabase ? LITTLE : NONE) ? warn("disk", what, mend) : ok("disk", what);
}

/** The nearest folder that is there: the first command makes the others. */
function existing(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path));
}
