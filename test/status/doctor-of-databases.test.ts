import pg from "pg";
import { describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import { migrateDown } from "../../src/db/migrate.ts";
import { schemaFinding } from "../../src/status/doctor/schema.ts";
import { serverFindings, skewFinding } from "../../src/status/doctor/server.ts";
import { createTestDatabase } from "../support/database.ts";
import { change, database, diagnosed, test, usePatient } from "./patient.ts";

usePatient();

describe("the doctor, of the database", () => {
  it("says that a schema is behind, newer, edited or not there, and looks no farther", async () => {
    const own = await createTestDatabase();
    const other = new Database({ url: own.url });
    const run = (sql: string) => other.transaction(owner, (tx) => tx.run(sql));
    try {
      await run(
        "update adsapp_migrations set checksum = 'x' where id = (select min(id) from adsapp_migrations)",
      );
      expect((await schemaFinding(own.url)).found).toMatch(/edited/);
      await run("update adsapp_migrations set checksum = null");
      await migrateDown(own.url);
      const { ok, findings } = await diagnosed({}, own.url);
      expect({ ok, last: findings.at(-1) }).toMatchObject({
        ok: false,
        last: { check: "schema", found: expect.stringMatching(/^behind by 1 of/), mend: "adsapp migrate up" },
      });
      await run(
        "insert into adsapp_migrations (name, batch, migration_time) values ('999_future', 9, now())",
      );
      expect((await schemaFinding(own.url)).found).toBe(
        "the database is newer than this program: it has 999_future",
      );
    } finally {
      await other.close();
      await own.drop();
    }
    const bare = test.url.replace(new URL(test.url).pathname, "/postgres");
    expect(await schemaFinding(bare)).toMatchObject({
      verdict: "broken",
      found: "the database has no adsapp schema yet",
      mend: "adsapp migrate up",
    });
  });

  it("says in one finding that it is away, and shows no password", async () => {
    const url = "postgresql://adsapp:geheim-wachtwoord@127.0.0.1:9/adsapp";
    const { ok, findings } = await diagnosed({}, url);
    expect({ ok, last: findings.at(-1) }).toMatchObject({
      ok: false,
      last: { check: "database", verdict: "broken", found: expect.stringContaining("ECONNREFUSED") },
    });
    expect(JSON.stringify(findings)).not.toContain("geheim");
  });

  it("says that it may only be read, or may lose what it was told", async () => {
    const set = (setting: string) => `${test.url}&options=${encodeURIComponent(`-c ${setting}`)}`;
    const settings = async (setting: string) => {
      const other = new Database({ url: set(setting) });
      const { findings } = await serverFindings(other);
      await other.close();
      return findings.find(({ check }) => check === "settings");
    };
    expect(await settings("default_transaction_read_only=on")).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("primary"),
    });
    const { fsync } = (await database.transaction(owner, (tx) =>
      tx.one("select current_setting('fsync') as fsync"),
    )) as { fsync: string };
    expect(await settings("synchronous_commit=off")).toMatchObject(
      fsync === "off"
        ? { verdict: "broken", mend: expect.stringContaining("alter system reset fsync") }
        : { verdict: "warn", mend: "alter system reset synchronous_commit" },
    );
  });

  it("says which wall is down", async () => {
    await change("alter table contacts no force row level security");
    const { findings } = await diagnosed();
    await change("alter table contacts force row level security");
    expect(findings.find(({ check }) => check === "walls")).toMatchObject({
      verdict: "broken",
      found: expect.stringContaining("table contacts"),
    });
  });

  it("says when a login may not act as its role", async () => {
    const name = `weak_${process.pid}`;
    await change(`create role ${name} login`);
    try {
      const weak = test.url.replace("adsapp@", `${name}@`);
      const { findings } = await diagnosed({ ADSAPP_WORKER_DATABASE_URL: weak });
      expect(findings.find(({ check }) => check === "rights")).toMatchObject({
        verdict: "broken",
        found: expect.stringContaining("adsapp_worker"),
        mend: expect.stringContaining("ADSAPP_WORKER_DATABASE_URL"),
      });
    } finally {
      await change(`drop role ${name}`);
    }
  });

  it("says whose transaction stays open, and how to end it", async () => {
    const client = new pg.Client({ connectionString: test.url, application_name: "a report" });
    await client.connect();
    await client.query("begin; select 1");
    const { findings } = await serverFindings(database, "0 seconds");
    await client.end();
    expect(findings.find(({ check }) => check === "transactions")).toMatchObject({
      verdict: "warn",
      found: expect.stringMatching(/^a report has had one open/),
      mend: expect.stringMatching(/pg_terminate_backend\(\d+\)/),
    });
  });

  it("tells clocks that differ for a minute and more, in either direction", () => {
    expect(skewFinding("clock", "its clock", 0.4)).toMatchObject({
      verdict: "ok",
      found: expect.stringContaining("less than a second"),
    });
    expect(skewFinding("clock", "its clock", -61)).toMatchObject({
      verdict: "warn",
      found: expect.stringContaining("61 s"),
    });
  });
});
