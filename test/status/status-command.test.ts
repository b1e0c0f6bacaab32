import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, owner, worker } from "../../src/db/identity.ts";
import command from "../../src/status/status.command.ts";
import { type Status, statusOf } from "../../src/status/status.ts";
import { runCommand } from "../reports/run-command.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestOrganization,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Each test has an organization of its own; the heartbeat and the inbox are shared, so they start empty. */
beforeEach(async () => {
  await database.transaction(owner, (tx) => tx.run("delete from tick_runs"));
  await database.transaction(owner, (tx) => tx.run("delete from webhook_inbox"));
  organization = await makeOrganization(database);
  await makeSender(database, organization);
});

const asWorker = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(worker, work);

const status = (of = organization): Promise<Status> =>
  statusOf((work) => database.transaction(operator(of.profileId), work), asWorker, of.id);

const change = (statement: string, parameters: unknown[] = []) =>
  asWorker((tx) => tx.run(statement, parameters));

describe("the heartbeat", () => {
  it("counts the minutes of the last hour in which no tick began", async () => {
    await change(
      `insert into tick_runs (host, pid, started_at, finished_at)
       select 'web1', 1, date_trunc('minute', adsapp_now()) - make_interval(mins => m) + interval '1 s', adsapp_now()
         from generate_series(0, 90) m where m not in (7, 8, 75)`,
    );
    expect((await status()).ticks.missedMinutes).toBe(2);
  });

  it("counts from the first tick on", async () => {
    await change(
      `insert into tick_runs (host, pid, started_at, finished_at)
       select 'web1', 1, date_trunc('minute', adsapp_now()) - make_interval(mins => m) + interval '1 s', adsapp_now()
         from generate_series(0, 10) m where m <> 4`,
    );
    expect((await status()).ticks.missedMinutes).toBe(1);
  });
});

describe("adsapp status", () => {
  const run = (argv: readonly string[], format: "table" | "json" = "json") =>
    runCommand(command, argv, { databaseUrl: testDatabase.url, organization: organization.slug, format });

  it("gives JSON of a shape that monitors rely on", async () => {
    await makeJobs(
      database,
      await makeRun(database, await makeCampaign(database, organization, { name: "Sale" })),
      { sent: 1, pending: 1 },
    );
    const { stdout, exitCode } = await run([]);
    const found = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(Object.keys(found)).toEqual([
      "ok",
      "problems",
      "organizationPausedAt",
      "campaigns",
      "drips",
      "senders",
      "portfolios",
      "notices",
      "inbox",
      "reviews",
      "ticks",
    ]);
    expect(Object.keys(found.campaigns[0])).toEqual([
      "id",
      "name",
      "status",
      "sender",
      "scheduledAt",
      "startedAt",
      "pausedAt",
      "pauseReason",
      "pausedByMachine",
      "targets",
      "sent",
      "failed",
      "skipped",
      "pending",
      "unknown",
      "held",
      "waitsFor",
      "waitsUntil",
    ]);
  });

  it("ends with 1 under --check, and only then, when something needs a person", async () => {
    expect((await run(["--check"])).exitCode).toBe(0);
    await change(
      "update senders set state = 'halted', halt_reason = 'policy', halted_at = adsapp_now() where organization_id = $1",
      [organization.id],
    );
    expect((await run([])).exitCode).toBe(0);
    expect((await run(["--check"])).exitCode).toBe(1);
  });

  it("is one line under --check for people and monitors: what goes on, or what is wrong", async () => {
    const { stdout, stderr } = await run(["--check"], "table");
    expect({ stdout, stderr }).toEqual({
      stdout: `${organization.slug} OK: 0 open campaigns, no tick yet\n`,
      stderr: "",
    });
    await makeCampaign(database, organization, { name: "Sale", status: "running" });
    await change("insert into tick_runs (host, pid, started_at, finished_at) values ('web1', 1, $1, $1)", [
      new Date("2026-11-27T09:00:00Z"),
    ]);
    expect((await run(["--check"], "table")).stdout).toMatch(/ last tick |PROBLEM: no tick has run/);
    await makeSender(database, organization, { name: "second", haltReason: "line\nbreak" });
    const wrong = await run(["--check"], "table");
    expect(wrong).toMatchObject({ exitCode: 1, stderr: "" });
    expect(wrong.stdout).toMatch(/^\S+ PROBLEM: .*sender "second" is halted: .*\n$/);
  });

  it("refuses --check and --watch together, and formats that end under --watch", async () => {
    await expect(run(["--check", "--watch"])).rejects.toThrow(/cannot be used with option '--check'/);
    expect((await run(["--watch"])).exitCode).toBe(2);
  });

  it("shows people sections, and on stderr what needs them", async () => {
    await makeCampaign(database, organization, {
      name: "Sale",
      status: "paused",
      pauseReason: "wrong price",
    });
    await makeSender(database, organization, { name: "second", haltReason: "policy" });
    const { stdout, stderr } = await run([], "table");
    expect(stdout).toMatch(/^Campaign +Status .*\nSale +paused +main .* a person: wrong price/);
    expect(stdout).toMatch(/\n\nSender .*\nmain +log +active .*\nsecond +log +halted +policy/);
    expect(stdout).toMatch(/\n\nWebhook bodies waiting +0\n/);
    expect(stderr).toContain('warning: sender "second" is halted: policy (adsapp sender resume)\n');
  });
});
