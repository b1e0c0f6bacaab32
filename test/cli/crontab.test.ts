import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOrganization } from "../support/factories.ts";
import { runAdsapp } from "../support/program.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  await makeOrganization(w.database);
});

afterAll(() => w.end());

describe("adsapp crontab", () => {
  it("prints a line that cron can run as it stands, with the state folder", async () => {
    const home = join(w.home, "a b%c");
    mkdirSync(home);
    const { stdout, stderr, exitCode } = await w.adsapp("crontab", { home });
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      "Add DATABASE_URL (when it is not the embedded one) and the senders' token variables.\n",
    );
    const [variable = "", line = "", ...rest] = stdout.split("\n");
    expect({ variable, rest }).toEqual({ variable: `ADSAPP_HOME=${home}`, rest: [""] });
    const [, command = ""] = /^\* \* \* \* \* (.+ tick)$/.exec(line) ?? [];
    const env = { ADSAPP_HOME: home, DATABASE_URL: w.url }; // cron gives next to none
    const ran = await promisify(execFile)("/bin/sh", ["-c", command.replaceAll("\\%", "%")], {
      env,
      cwd: "/",
    });
    expect(ran).toEqual({ stdout: "", stderr: "" });
  });

  it("names a relative state folder absolutely", async () => {
    const { stdout } = await runAdsapp(["crontab", "--quiet"], {
      env: { ADSAPP_HOME: "state" },
      cwd: w.home,
    });
    expect(stdout).toMatch(new RegExp(`^ADSAPP_HOME=${w.home}/state\n`));
  });

  it("prints units for systemd, with what it would read otherwise quoted", async () => {
    const { stdout, exitCode } = await w.adsapp("crontab --systemd", { home: join(w.home, 'a "b" 100%') });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`\nEnvironment="ADSAPP_HOME=${w.home}/a \\"b\\" 100%%"\n`);
    expect(stdout).toMatch(/^ExecStart=\/\S+ \/\S+\/bin\/adsapp\.js tick$/m);
    expect(stdout).toMatch(/^\[Timer\]\nOnCalendar=\*:\*:00$/m);
  });

  it("keeps the embedded PostgreSQL alive behind the tick that starts it, and the service in its place", async () => {
    const { stdout } = await w.adsapp("crontab --systemd");
    for (const line of [
      "Type=oneshot",
      "KillMode=process",
      "EnvironmentFile=-/etc/adsapp/adsapp.env",
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
    ])
      expect(stdout).toContain(`\n${line}\n`);
    expect(stdout).toMatch(new RegExp(`^ReadWritePaths=-${w.home} .*-/tmp$`, "m"));
  });

  it("writes the units into a folder, both or none, and overwrites nothing", async () => {
    const folder = join(w.home, "units");
    const first = await w.adsapp(`crontab --into ${folder}`);
    expect(first).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: expect.stringMatching(/systemctl enable --now adsapp-tick.timer/),
    });
    expect(readdirSync(folder)).toEqual(["adsapp-tick.service", "adsapp-tick.timer"]);
    rmSync(join(folder, "adsapp-tick.service"));
    const again = await w.adsapp(`crontab --systemd --into ${folder}`);
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/adsapp-tick\.timer exists/) });
    expect(readdirSync(folder)).toEqual(["adsapp-tick.timer"]);
    expect((await w.adsapp(`crontab --into ${folder}/adsapp-tick.timer`)).exitCode).toBe(2);
  });

  it("needs no database", async () => {
    expect(await w.adsapp("crontab", { databaseUrl: "postgresql://127.0.0.1:1/x" })).toMatchObject({
      exitCode: 0,
    });
  });
});
