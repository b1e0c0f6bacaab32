import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import { takeHold } from "../../src/db/embedded/hold.ts";
import { stopEmbedded } from "../../src/db/embedded/index.ts";
import { ask, newHome, removeHomes, serverPid, until } from "../support/embedded-homes.ts";
import { runAdsapp, startAdsapp } from "../support/program.ts";

let home: string;
let elsewhere: string;

const adsapp = (words: string, at = home) => runAdsapp(words.split(" "), { home: at });
const names = (at = home) => ask(at, "select string_agg(slug, ' ' order by slug) from organizations");
const inBackups = () => readdirSync(elsewhere).sort();

beforeAll(async () => {
  home = await newHome();
  elsewhere = join(dirname(home), "backups");
  mkdirSync(elsewhere);
  await ask(home, "select 1"); // makes the cluster, without fsync
  await adsapp("migrate up");
  await adsapp("org create Jansen --slug jansen");
  await adsapp("sender add proef --provider log --org jansen");
  await adsapp("contact import fixtures/contacts-dutch.csv --org jansen");
  for (const name of ["one", "one.tar", "one.tar.gz"]) await adsapp(`db backup ${join(elsewhere, name)}`);
});

afterAll(removeHomes);

describe("adsapp db backup", () => {
  it("copies to a file or a folder, and the server runs again", async () => {
    for (const name of ["first.tar.gz", "first.tar", "first"]) {
      const { stdout, exitCode } = await adsapp(`db backup ${join(elsewhere, name)} --json`);
      expect({ name, exitCode }).toEqual({ name, exitCode: 0 });
      expect(JSON.parse(stdout)).toEqual({
        backup: join(elsewhere, name),
        bytes: expect.any(Number),
        version: "18",
        restarted: true,
      });
      serverPid(home);
    }
    expect(inBackups()).toEqual(expect.arrayContaining(["first", "first.tar", "first.tar.gz"]));
    expect(await ask(home, "select count(*)::int from senders where lane_token is not null")).toBe(0);
  });

  it("leaves a server that does not run stopped", async () => {
    await stopEmbedded(home);
    const { stdout } = await adsapp(`db backup ${join(elsewhere, "stopped.tar.gz")} --json`);
    expect(JSON.parse(stdout)).toMatchObject({ restarted: false });
    expect(() => serverPid(home)).toThrow("no server runs");
  });

  it("overwrites nothing, and copies nothing into what it copies", async () => {
    const before = readFileSync(join(elsewhere, "one.tar.gz"));
    const { data } = clusterFolders(home);
    for (const [target, said] of [
      [
        join(elsewhere, "one.tar.gz"),
        /one\.tar\.gz exists\nA backup overwrites nothing\..* such as \S*\/backups\/adsapp-2026/,
      ],
      [elsewhere, /backups exists\nA backup overwrites nothing/],
      [join(data, "copy"), /is inside the data folder/],
      [join(elsewhere, "no", "copy"), /there is no folder .*no$/m],
    ] as const) {
      const { stderr, exitCode } = await adsapp(`db backup ${target}`);
      expect({ target, exitCode }).toEqual({ target, exitCode: 2 });
      expect(stderr).toMatch(said);
    }
    expect(readFileSync(join(elsewhere, "one.tar.gz")).equals(before)).toBe(true);
    expect(await names()).toBe("jansen");
  });

  it("needs a database, and not that of DATABASE_URL", async () => {
    const empty = await adsapp(`db backup ${join(elsewhere, "none")}`, await newHome());
    expect(empty).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/no embedded database in/) });
    const foreign = await runAdsapp(["db", "backup", join(elsewhere, "none")], {
      home,
      databaseUrl: "postgresql://x@127.0.0.1:1/x",
    });
    expect(foreign).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/DATABASE_URL is set/) });
  });

  it("waits for a tick that sends, and says for which", async () => {
    await ask(
      home,
      "update senders set lane_token = gen_random_uuid(), lane_holder = 'host-7:42', lane_expires_at = clock_timestamp() + interval '3 seconds' returning 1",
    );
    const { stderr, exitCode } = await adsapp(`db backup ${join(elsewhere, "waited.tar")}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "Waiting for ticks that send: host-7:42\n" });
  });

  it("has commands that come meanwhile wait; none fails, and the copy holds all that was done before", async () => {
    let over = false;
    const backup = adsapp(`db backup ${join(elsewhere, "busy")}`).finally(() => {
      over = true;
    });
    const ran: number[] = [];
    for (let i = 0; !over; i++) ran.push((await adsapp(`org create N${i} --slug n-${i}`)).exitCode);
    expect((await backup).exitCode).toBe(0);
    // one whose session the stop ended may say "try again", and then has done nothing
    expect(ran.filter((code) => code !== 0 && code !== 75)).toEqual([]);
    expect((await adsapp("audit")).exitCode).toBe(0);
    const other = await newHome();
    expect(await adsapp(`db restore ${join(elsewhere, "busy")}`, other)).toMatchObject({ exitCode: 0 });
    expect((await adsapp("audit", other)).exitCode).toBe(0);
    const [copied, all] = [await names(other), await names()].map((list) => String(list).split(" "));
    expect(copied?.filter((name) => !all?.includes(name))).toEqual([]);
  });

  it("killed half-way leaves the database as it was, and no backup of that name", async () => {
    const child = startAdsapp(["db", "backup", join(elsewhere, "killed")], { home });
    await until(() => inBackups().some((name) => name.startsWith("killed.")));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    expect(existsSync(join(elsewhere, "killed"))).toBe(false);
    expect(await names()).toMatch(/^jansen/);
    expect((await adsapp(`db backup ${join(elsewhere, "killed")}`)).exitCode).toBe(0);
  });

  it("ends a command that would wait too long with 75, and tells for what it waits", async () => {
    await stopEmbedded(home);
    const hold = await takeHold(clusterFolders(home), "being backed up");
    const [second, waiting] = await Promise.all([
      adsapp(`db backup ${join(elsewhere, "second")}`),
      adsapp("org list"),
    ]).finally(() => hold.release());
    const said = expect.stringContaining(`the embedded database is being backed up (process ${process.pid})`);
    expect(second).toMatchObject({ exitCode: 75, stderr: said });
    expect(waiting).toMatchObject({ exitCode: 75, stderr: said });
    expect((await adsapp("org list")).exitCode).toBe(0);
  });
});

describe("adsapp db restore", () => {
  it.each(["one", "one.tar.gz", "one.tar"])(
    "puts %s into an empty home, with its organizations paused",
    async (name) => {
      const other = await newHome();
      const { stdout, exitCode } = await adsapp(`db restore ${join(elsewhere, name)} --json`, other);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        restored: join(elsewhere, name),
        keptAside: null,
        paused: ["jansen"],
        restarted: false,
      });
      expect(await names(other)).toBe("jansen");
      expect(await ask(other, "select count(*) > 900 from contacts")).toBe(true);
      expect((await adsapp("audit", other)).exitCode).toBe(0);
      expect((await adsapp("org resume", other)).exitCode).toBe(0);
    },
  );

  it("is of a database that was moved elsewhere, too: the copy is read only as that one is, until somebody says otherwise", async () => {
    await ask(home, "alter database adsapp set default_transaction_read_only = on");
    expect((await adsapp(`db backup ${join(elsewhere, "moved")}`)).exitCode).toBe(0);
    const other = await newHome();
    const restored = await adsapp(`db restore ${join(elsewhere, "moved")} --json`, other);
    expect(restored.exitCode, restored.stderr).toBe(0);
    expect((await adsapp("org create X --slug x", other)).exitCode).toBe(75);
    for (const at of [home, other]) expect((await adsapp("db move --cancel --yes", at)).exitCode).toBe(0);
    expect((await adsapp("org create X --slug x", other)).exitCode).toBe(0);
  });

  it("asks before it replaces anything, and keeps what was there", async () => {
    const other = await newHome();
    await ask(other, "select 1");
    await adsapp("migrate up", other);
    await adsapp("org create Other --slug other", other);
    const asked = await adsapp(`db restore ${join(elsewhere, "one")}`, other);
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/this needs --yes/) });
    expect(await names(other)).toBe("other");
    const { stdout } = await adsapp(`db restore ${join(elsewhere, "one")} --yes --json`, other);
    const { keptAside, restarted } = JSON.parse(stdout) as { keptAside: string; restarted: boolean };
    expect(restarted).toBe(true);
    expect(await names(other)).toBe("jansen");
    // and back again: what was kept aside is a backup too
    const back = await adsapp(`db restore ${keptAside} --yes`, other);
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await names(other)).toBe("other");
  });

  it("asks nothing about a backup that is not there", async () => {
    expect(await adsapp(`db restore ${join(elsewhere, "nowhere")}`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/nowhere does not exist/),
    });
  });

  it("takes nothing for a backup that is none, and changes nothing then", async () => {
    const bad = (name: string) => join(elsewhere, name);
    writeFileSync(bad("text.tar.gz"), "no archive at all");
    writeFileSync(bad("cut.tar.gz"), readFileSync(bad("one.tar.gz")).subarray(0, 3_000_000));
    await adsapp(`db backup ${bad("hollow")}`);
    truncateSync(join(bad("hollow"), "global", "pg_control"), 0);
    await adsapp(`db backup ${bad("old")}`);
    writeFileSync(join(bad("old"), "PG_VERSION"), "15\n");
    const all = await names();
    for (const [source, code, said] of [
      [bad("nowhere"), 2, /nowhere does not exist/],
      [bad("text.tar.gz"), 2, /is no whole backup/],
      [bad("cut.tar.gz"), 2, /is no whole backup/],
      [elsewhere, 2, /is no backup: it has no file PG_VERSION/],
      [clusterFolders(home).data, 2, /is the folder of a server/],
      [bad("hollow"), 1, /does not start: [\s\S]*Nothing was changed/],
      [bad("old"), 1, /was made by PostgreSQL 15; this adsapp brings 18/],
    ] as const) {
      const { stderr, exitCode } = await adsapp(`db restore ${source} --yes`);
      expect({ source, exitCode, stderr }).toEqual({
        source,
        exitCode: code,
        stderr: expect.stringMatching(said),
      });
    }
    expect(await names()).toBe(all);
    const { base } = clusterFolders(home);
    expect(readdirSync(base).filter((name) => /restoring|before|held/.test(name))).toEqual([]);
    for (const name of ["hollow", "old"]) rmSync(bad(name), { recursive: true });
  });
});
