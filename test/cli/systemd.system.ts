// What systemd itself says about the units: apt-get install systemd
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { runAdsapp } from "../support/program.ts";

/** Its words about these units. @throws when it finds a fault */
async function verified(folder: string, ...names: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)("systemd-analyze", [
    "verify",
    "--man=no",
    ...names.map((name) => join(folder, name)),
  ]);
  return `${stdout}${stderr}`;
}

it.each(["state", 'a "b" 100% $c'])(
  "systemd takes the units of a state folder named %s as they are",
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), "adsapp-units-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const home = join(folder, name);
    mkdirSync(home);
    const ran = await runAdsapp(["crontab", "--systemd", "--into", folder], { env: { ADSAPP_HOME: home } });
    expect(ran.exitCode, ran.stderr).toBe(0);
    // what it says of other units of this machine is not ours
    const said = await verified(folder, "adsapp-tick.service", "adsapp-tick.timer");
    expect(said.split("\n").filter((line) => line.includes("adsapp"))).toEqual([]);
  },
);
