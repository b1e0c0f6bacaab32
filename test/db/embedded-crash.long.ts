import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clusterFolders } from "../../src/db/embedded/folders.ts";
import { ensureEmbedded, stopEmbedded } from "../../src/db/embedded/index.ts";
import { lockFiles } from "../../src/db/embedded/locks.ts";
import {
  ask,
  killServer,
  newHome,
  removeHomes,
  serverPid,
  startStarter,
  until,
} from "../support/embedded-homes.ts";

let home: string;
const others: ChildProcess[] = [];

beforeAll(async () => {
  home = await newHome();
  await ask(home, "create table kept as select 42 as answer");
});

beforeEach(async () => {
  await ensureEmbedded(home);
});

afterAll(async () => {
  for (const other of others) other.kill("SIGKILL");
  await removeHomes();
});

describe("the embedded PostgreSQL after an accident", () => {
  it("starts again when its server was killed", async () => {
    const killed = serverPid(home);
    await killServer(home);
    expect(await ask(home, "select answer from kept")).toBe(42);
    expect(serverPid(home)).not.toBe(killed);
  });

  it("starts again when another program has got the killed server's pid", async () => {
    await killServer(home);
    await writeLocks(await otherProgram("echo $$; exec sleep 600"));
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("starts again when the killed server is still a zombie, as in a container without an init", async () => {
    await killServer(home);
    const zombie = await otherProgram("sleep 0.1 & echo $!; exec sleep 600"); // which waits for no child
    await until(() => stateOf(zombie) === "Z");
    await writeLocks(zombie);
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("starts again when whoever mended its lock was killed at it", async () => {
    await killServer(home);
    await writeLocks(await otherProgram("echo $$; exec sleep 600"));
    const [postmaster] = lockFiles(clusterFolders(home));
    await writeFile(`${postmaster}.mended`, "half");
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("gets a new socket when the folder with it was deleted", async () => {
    await rm(clusterFolders(home).socket, { recursive: true });
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("is made by the next when the process that was making it was killed", async () => {
    const other = await newHome();
    const { child } = startStarter(other);
    await until(() => listed(other).some((name) => name.startsWith("data.draft-")));
    child.kill("SIGKILL");
    await until(() => child.signalCode !== null);
    expect(await ask(other, "select 1")).toBe(1);
    expect(listed(other).filter((name) => name.includes("draft"))).toEqual([]);
  });

  it("says in the log's words why it does not start, and where the log is", async () => {
    await stopEmbedded(home);
    const configuration = join(home, "data", "postgresql.conf");
    const before = await readFile(configuration);
    await appendFile(configuration, "\nnonsense = 1\n");
    await expect(ensureEmbedded(home)).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringMatching(/does not start: .*FATAL: .*postgresql\.conf" contains errors/),
      hint: `Its log is ${join(home, "server.log")}`,
    });
    await writeFile(configuration, before);
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("refuses the data of another major version", async () => {
    await stopEmbedded(home);
    const version = join(home, "data", "PG_VERSION");
    await writeFile(version, "17\n");
    await expect(ensureEmbedded(home)).rejects.toMatchObject({
      name: "UserError",
      message: "the embedded database was made by PostgreSQL 17; this adsapp brings 18",
    });
    await writeFile(version, "18\n");
    expect(await ask(home, "select answer from kept")).toBe(42);
  });

  it("does not touch a data folder that is something else", async () => {
    const other = await newHome();
    await mkdir(join(other, "data"), { recursive: true });
    await writeFile(join(other, "data", "photo.jpg"), "");
    await expect(ensureEmbedded(other)).rejects.toMatchObject({
      name: "UserError",
      message: `${join(other, "data")} holds something else than a PostgreSQL database`,
    });
    expect(listed(join(other, "data"))).toEqual(["photo.jpg"]);
  });
});

/** Both locks as the killed server left them, with another pid. */
async function writeLocks(pid: number): Promise<void> {
  for (const file of lockFiles(clusterFolders(home))) {
    const [, ...rest] = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, [pid, ...rest].join("\n"));
  }
}

/** A shell of the server's user, whose pids PostgreSQL therefore believes. @returns the pid that it prints */
async function otherProgram(script: string): Promise<number> {
  const other = spawn("/bin/sh", ["-c", script], {
    ...clusterFolders(home).server,
    stdio: ["ignore", "pipe", "inherit"],
  });
  others.push(other);
  const pid = await new Promise<Buffer>((resolve) => other.stdout.once("data", resolve));
  return Number(pid.toString());
}

/** R, S, Z (a zombie: it has ended, and its parent has not asked how). */
function stateOf(pid: number): string {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat))
    return execFileSync("ps", ["-o", "state=", "-p", String(pid)], { encoding: "utf8" }).trim()[0] ?? "";
  return readFileSync(stat, "utf8").replace(/^.*\) /s, "")[0] ?? "";
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
