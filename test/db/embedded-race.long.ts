import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import { stopEmbedded } from "../../src/db/embedded/index.ts";
import { connectionOf, isListening, isServing, madeMark } from "../../src/db/embedded/socket.ts";
import { ask, killServer, newHome, removeHomes, serverPid, startStarter } from "../support/embedded-homes.ts";

let home: string;

beforeAll(async () => {
  home = await newHome();
});

afterAll(removeHomes);

describe("several that want the embedded PostgreSQL at once", () => {
  it("make one, start one, and each can use it", async () => {
    expect(await sixAtOnce()).toEqual(Array(6).fill("adsapp@adsapp"));
    expect(readdirSync(home).sort()).toEqual(["data", expect.stringMatching(/^pg-18/), "run", "server.log"]);
  });

  it("start one again after a crash", async () => {
    const killed = serverPid(home);
    await killServer(home);
    expect(await sixAtOnce()).toEqual(Array(6).fill("adsapp@adsapp"));
    expect(serverPid(home)).not.toBe(killed);
  });

  it("do not take a server for ready that lacks the database, for another may just be making it", async () => {
    const admin = new pg.Client({ ...connectionOf(clusterFolders(home)), database: "postgres" });
    await admin.connect();
    await admin.query("drop database adsapp with (force)");
    await admin.end();
    rmSync(madeMark(clusterFolders(home)));
    expect(await sixAtOnce()).toEqual(Array(6).fill("adsapp@adsapp"));
  });

  it("do not take a server for ready that is still starting or already stopping", async () => {
    const folders = clusterFolders(home);
    const lock = join(folders.data, "postmaster.pid");
    const written = readFileSync(lock, "utf8");
    expect(await isServing(folders)).toBe(true);
    for (const state of ["starting", "stopping"]) {
      writeFileSync(lock, written.replace(/ready {3}/, state));
      expect(await isListening(folders)).toBe(true);
      expect(await isServing(folders)).toBe(false);
    }
    writeFileSync(lock, written);
    expect(await isServing(folders)).toBe(true);
  });

  it("may be in one process", async () => {
    await stopEmbedded(home);
    await Promise.all([1, 2, 3, 4].map(() => ask(home, "select 1")));
    expect(await ask(home, "select count(*)::int from pg_database where datname = 'adsapp'")).toBe(1);
  });
});

async function sixAtOnce(): Promise<string[]> {
  const starters = [1, 2, 3, 4, 5, 6].map(() => startStarter(home));
  for (const { child } of starters) child.stdin?.end();
  return Promise.all(starters.map(({ word }) => word));
}
