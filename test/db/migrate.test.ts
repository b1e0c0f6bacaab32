import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { migrateDown, migrateUp, migrationStates } from "../../src/db/migrate.ts";
import { generateMigration } from "../../src/db/migrate-generate.command.ts";
import { dumpSchema, SCHEMA_FILE } from "../support/dump.ts";
import { folderOf, makeEmptyDatabase, NAMES, temporaryFolder } from "./migrating.ts";

const SCHEMA = readFileSync(SCHEMA_FILE, "utf8");
const failed = (message: RegExp) => ({ exitCode: 1, message: expect.stringMatching(message) });

describe("migrate up", () => {
  it("makes the schema on an empty database, and does nothing the second time", async () => {
    const { url, query } = await makeEmptyDatabase();
    expect(await migrateUp(url)).toEqual(NAMES);
    const rows = await query("select * from adsapp_migrations order by id");
    expect(await migrateUp(url)).toEqual([]);
    expect(await query("select * from adsapp_migrations order by id")).toEqual(rows);
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("goes on where an older program stopped", async () => {
    const { url } = await makeEmptyDatabase();
    expect(await migrateUp(url, { folder: folderOf(3) })).toEqual(NAMES.slice(0, 3));
    expect(await migrateUp(url)).toEqual(NAMES.slice(3));
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("makes all or nothing: the last migration's fault takes the first one back", async () => {
    const { url } = await makeEmptyDatabase();
    const empty = await dumpSchema(url);
    const folder = folderOf();
    appendFileSync(join(folder, `${NAMES.at(-1)}.up.sql`), "\nselect 1 / 0;\n");
    await expect(migrateUp(url, { folder })).rejects.toMatchObject({ code: "22012" });
    expect(await dumpSchema(url)).toBe(empty);
    expect(await migrateUp(url)).toEqual(NAMES);
  });

  it("refuses a migration that was edited after it ran, and says which", async () => {
    const { url } = await makeEmptyDatabase();
    const folder = folderOf(2);
    await migrateUp(url, { folder });
    appendFileSync(join(folder, `${NAMES[1]}.up.sql`), "-- an afterthought\n");
    await expect(migrateUp(url, { folder })).rejects.toMatchObject(
      failed(/002_senders was edited after it ran/),
    );
    expect(await migrationStates(url, folder)).toEqual([
      { name: NAMES[0], applied: true, note: null },
      { name: NAMES[1], applied: true, note: "changed since it ran" },
    ]);
  });

  it("refuses a database that is newer than the program, up and down", async () => {
    const { url, query } = await makeEmptyDatabase();
    await migrateUp(url);
    await query("insert into adsapp_migrations (name, batch) values ('999_future', 2)");
    const newer = failed(/newer than this program: it has the migration 999_future/);
    await expect(migrateUp(url)).rejects.toMatchObject(newer);
    await expect(migrateDown(url, { to: "0", force: true })).rejects.toMatchObject(newer);
    expect((await migrationStates(url)).at(-1)).toEqual({
      name: "999_future",
      applied: true,
      note: "unknown to this program",
    });
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("refuses tables of the same names that it did not make, all named at once", async () => {
    const { url, query } = await makeEmptyDatabase();
    await query("create table contacts (id serial)");
    await query("create view messages as select 1");
    const before = await dumpSchema(url);
    await expect(migrateUp(url)).rejects.toMatchObject(failed(/adsapp did not make: contacts, messages$/));
    expect(await dumpSchema(url)).toBe(before);
  });

  it("takes colons and question marks in SQL as they are", async () => {
    const { url, query } = await makeEmptyDatabase();
    const folder = temporaryFolder();
    const text = "select '{\"a\": 1}'::jsonb ? 'a' as found, ':name ?' as said -- what? :who";
    writeFileSync(join(folder, "001_odd.up.sql"), `create view odd as ${text};`);
    writeFileSync(join(folder, "001_odd.down.sql"), "drop view odd;");
    await migrateUp(url, { folder });
    expect(await query("select * from odd")).toEqual([{ found: true, said: ":name ?" }]);
    expect(await migrateDown(url, { folder })).toEqual(["001_odd"]);
  });
});

describe("migrate down", () => {
  it("takes all back exactly, and up makes the same again", async () => {
    const { url } = await makeEmptyDatabase();
    const empty = await dumpSchema(url);
    await migrateUp(url);
    expect(await migrateDown(url, { to: "0" })).toEqual([...NAMES].reverse());
    expect(await dumpSchema(url)).toBe(empty);
    await migrateUp(url);
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("goes down to a number or a name, and finds nothing to do below nothing", async () => {
    const { url } = await makeEmptyDatabase();
    expect(await migrateDown(url)).toEqual([]);
    await migrateUp(url);
    expect(await migrateDown(url, { to: "5" })).toEqual(NAMES.slice(5).reverse());
    expect(await migrateDown(url, { to: "004_broadcasts" })).toEqual([NAMES[4]]);
    expect(await migrateDown(url, { to: "004" })).toEqual([]);
    expect(await migrateDown(url)).toEqual([NAMES[3]]);
    await expect(migrateDown(url, { to: "999" })).rejects.toMatchObject({
      exitCode: 4,
      message: 'no applied migration "999"',
    });
    await expect(migrateDown(url, { to: "00" })).rejects.toMatchObject({ exitCode: 4 });
  });

  it("refuses to drop tables that hold data, changes nothing, and does so when forced", async () => {
    const { url, query } = await makeEmptyDatabase();
    const empty = await dumpSchema(url);
    await migrateUp(url);
    await query("insert into organizations (name, slug) values ('Jansen', 'jansen')");
    await query("insert into contacts (organization_id, phone) select id, '+31612345678' from organizations");
    await expect(migrateDown(url, { to: "0" })).rejects.toMatchObject(
      failed(/hold data and would be dropped: audit_log, contacts, organizations$/),
    );
    expect(await dumpSchema(url)).toBe(SCHEMA);
    expect(await migrationStates(url)).toEqual(NAMES.map((name) => ({ name, applied: true, note: null })));
    expect(await query("select phone from contacts")).toEqual([{ phone: "+31612345678" }]);
    await query("truncate audit_log");
    expect(await migrateDown(url, { to: "3" })).toEqual(NAMES.slice(3).reverse());
    await migrateDown(url, { to: "0", force: true });
    expect(await dumpSchema(url)).toBe(empty);
  });

  it("takes back all or nothing: what somebody hung on a table stops it, and stays", async () => {
    const { url, query } = await makeEmptyDatabase();
    await migrateUp(url);
    await query("create view mine as select id from organizations");
    const before = await dumpSchema(url);
    await expect(migrateDown(url, { to: "0" })).rejects.toMatchObject({ code: "2BP01" });
    expect(await dumpSchema(url)).toBe(before);
    expect(await migrateUp(url)).toEqual([]);
  });
});

describe("migrate generate", () => {
  it("writes the next pair, which runs up and down", async () => {
    const folder = folderOf();
    const files = generateMigration("add_regions", folder);
    const next = String(Number(NAMES.at(-1)?.slice(0, 3)) + 1).padStart(3, "0");
    expect(files.map((file) => basename(file))).toEqual([
      `${next}_add_regions.up.sql`,
      `${next}_add_regions.down.sql`,
    ]);
    appendFileSync(files[0] as string, "create table regions (id uuid);");
    appendFileSync(files[1] as string, "drop table regions;");
    const { url } = await makeEmptyDatabase();
    expect((await migrateUp(url, { folder })).at(-1)).toBe(`${next}_add_regions`);
    expect(await migrateDown(url, { folder })).toEqual([`${next}_add_regions`]);
    expect(await dumpSchema(url)).toBe(SCHEMA);
  });

  it("begins at 001, and takes a topic once", () => {
    const folder = temporaryFolder();
    expect(basename(generateMigration("ground", folder)[0] as string)).toBe("001_ground.up.sql");
    expect(basename(generateMigration("more", folder)[0] as string)).toBe("002_more.up.sql");
    expect(() => generateMigration("ground", folder)).toThrow('there is a migration "ground" already');
  });

  it.each(["", "Add", "../x", "a b", "1st", "x;drop"])("refuses the name %j and writes nothing", (name) => {
    const folder = temporaryFolder();
    expect(() => generateMigration(name, folder)).toThrow(/no migration name/);
    expect(() => generateMigration("next", folder)).not.toThrow();
  });
});
