import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import command from "../../src/moving/move.command.ts";
import { cancelMove, move } from "../../src/moving/move.ts";
import { parentsFirst } from "../../src/moving/tables.ts";
import { makeMigratedDatabase } from "../db/migrating.ts";
import { runCommand } from "../reports/run-command.ts";
import { dumpSchema, SCHEMA_FILE } from "../support/dump.ts";
import { makeOrganization } from "../support/factories.ts";
import { contentsOf, fill, silent, using } from "./setup.ts";

describe("db move", () => {
  it("brings every row over to the letter, and the source neither changes nor takes writes any more", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeMigratedDatabase()];
    await fill(source.url);
    const before = await contentsOf(source.url);
    const told: number[] = [];
    const moved = await move(source.url, target.url, {
      say() {},
      begin: (rows) => told.push(rows),
      copied: (_table, rows) => told.push(-rows),
    });
    expect(moved).toMatchObject({ source: { ok: true }, target: { ok: true } });
    expect(await contentsOf(target.url)).toEqual(before);
    expect(await contentsOf(source.url)).toEqual(before);
    expect(await dumpSchema(target.url)).toBe(readFileSync(SCHEMA_FILE, "utf8"));
    expect(Object.values(before).filter((rows) => rows.length > 0).length).toBeGreaterThanOrEqual(19);
    expect(moved.rows).toBe(Object.values(before).flat().length);
    expect(told.reduce((sum, rows) => sum + rows, 0)).toBe(0);

    const refused = { exitCode: 75, message: "the database is read-only (25006)" };
    await expect(using(source.url, (database) => makeOrganization(database))).rejects.toMatchObject(refused);
    expect(await cancelMove(source.url)).toBe(true);
    expect(await cancelMove(source.url)).toBe(false);
    await using(source.url, (database) => makeOrganization(database));
  });

  it("refuses a target that holds anything, says how to empty it, and the source goes on", async () => {
    const [source, target] = [await makeMigratedDatabase(), await makeMigratedDatabase()];
    await using(target.url, (database) => makeOrganization(database));
    await expect(move(source.url, target.url, silent)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^the target holds data already, in .*organizations/),
      hint: expect.stringContaining("DATABASE_URL=… adsapp migrate down --to 0 --force"),
    });
    await using(source.url, (database) => makeOrganization(database));
  });

  it("takes no other URL than PostgreSQL's, and names the target where it cannot be reached", async () => {
    const { url } = await makeMigratedDatabase();
    const to = (target: string) => runCommand(command, ["--to", target], { databaseUrl: url });
    expect(await to("mysql://localhost/x")).toMatchObject({
      exitCode: 2,
      stderr: "error: --to must start with postgresql://\n",
    });
    expect(await to("postgresql://127.0.0.1:1/x")).toMatchObject({
      exitCode: 75,
      stderr:
        "error: the target cannot be reached (ECONNREFUSED)\nNothing was changed. Look at the URL of --to.\n",
    });
    await using(url, (database) => makeOrganization(database));
  });
});

describe("the order of tables", () => {
  it("puts each after those that it refers to, and tells of a circle", () => {
    const tables = ["jobs", "runs", "campaigns"].map((name) => ({ name }));
    const references = [
      { child: "jobs", parent: "runs" },
      { child: "runs", parent: "campaigns" },
    ];
    expect(parentsFirst(tables, references).map(({ name }) => name)).toEqual(["campaigns", "runs", "jobs"]);
    const circle = [...references, { child: "campaigns", parent: "jobs" }];
    expect(() => parentsFirst(tables, circle)).toThrow("tables refer to each other: jobs, runs, campaigns");
  });
});
