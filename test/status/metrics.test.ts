import parse from "parse-prometheus-text-format";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import command from "../../src/status/metrics.command.ts";
import ticks from "../../src/status/ticks.command.ts";
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
let mine: TestOrganization;
let theirs: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  mine = await makeOrganization(database);
  theirs = await makeOrganization(database);
  await makeSender(database, mine, { name: 'Winkel "Zuid"\\\nlijn 2', haltReason: "token" });
  await makeSender(database, theirs);
  const run = await makeRun(database, await makeCampaign(database, mine));
  await makeJobs(database, run, { sent: 2, read: 3, failed: 1, unknown: 4, pending: 5 });
  await makeCampaign(database, mine, { status: "paused" });
  await database.transaction(worker, async (tx) => {
    await tx.run(
      "insert into webhook_inbox (body, received_at) values ('{}', adsapp_now() - interval '90 s')",
    );
    await tx.run(
      `insert into tick_runs (host, pid, started_at, finished_at, error, counts)
       select 'web1', m, date_trunc('minute', adsapp_now()) - make_interval(mins => m) + interval '2 s', date_trunc('minute', adsapp_now()) - make_interval(mins => m) + interval '5 s',
              case m when 4 then 'no connection' end, '{"sent": {"bulk": 7, "drip": 2, "direct": 1}, "inbox": 3, "failed": 1}'
         from unnest(array[1, 4, 5]) m`,
    );
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const metrics = async (organization?: string) => {
  const given = { databaseUrl: testDatabase.url, ...(organization === undefined ? {} : { organization }) };
  const { stdout, stderr, exitCode } = await runCommand(command, [], given);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return parse(stdout);
};

type Sample = { [label: string]: string | number } & { value: number };

const family = (found: Awaited<ReturnType<typeof metrics>>, name: string) => {
  const one = found.find((each) => each.name === name);
  return one?.metrics.map(({ labels, value }) => ({ ...labels, value: Number(value) }) as Sample) ?? [];
};

describe("adsapp metrics", () => {
  it("gives text that a parser reads, each family with its help and type", async () => {
    const found = await metrics();
    expect(found.length).toBeGreaterThanOrEqual(14);
    for (const { name, help, type } of found) {
      expect(name).toMatch(/^adsapp_[a-z_]+$/);
      expect(help).toMatch(/^[A-Z1].*\.$/);
      expect(type).toBe(name.endsWith("_total") ? "COUNTER" : "GAUGE");
    }
  });

  it("counts campaigns by status, messages by outcome, and unknown outcomes", async () => {
    const found = await metrics();
    const organization = mine.slug;
    expect(family(found, "adsapp_campaigns")).toEqual([
      { organization, type: "promotional", status: "paused", value: 1 },
      { organization, type: "promotional", status: "running", value: 1 },
    ]);
    const told = family(found, "adsapp_messages_total").filter((sample) => sample.value > 0);
    expect(told.map(({ outcome, value }) => [outcome, value])).toEqual([
      ["sent", 5],
      ["delivered", 3],
      ["read", 3],
      ["failed", 1],
    ]);
    expect(family(found, "adsapp_unknown_outcomes")).toContainEqual({ organization, kind: "bulk", value: 4 });
    expect(family(found, "adsapp_unknown_outcomes")).toHaveLength(4);
  });

  it("tells a sender's state, whatever its name holds", async () => {
    const states = family(await metrics(mine.slug), "adsapp_sender_state");
    expect(states.map(({ state, value }) => [state, value])).toEqual([
      ["active", 0],
      ["slowed", 0],
      ["halted", 1],
    ]);
    expect(states[0]?.sender).toBe('Winkel "Zuid"\\\nlijn 2');
  });

  it("tells how old what waits is, and how ticks fare", async () => {
    const found = await metrics();
    const value = (name: string) => family(found, name)[0]?.value;
    expect(value("adsapp_inbox_waiting_bodies")).toBe(1);
    expect(value("adsapp_inbox_oldest_seconds")).toBeGreaterThanOrEqual(90);
    expect([value("adsapp_ticks_last_hour"), value("adsapp_ticks_failed_last_hour")]).toEqual([3, 1]);
    expect(value("adsapp_tick_age_seconds")).toBeLessThan(200);
  });

  it("keeps to the organization of --org", async () => {
    const found = await metrics(theirs.slug);
    const slugs = found.flatMap(({ metrics: samples }) => samples.map(({ labels }) => labels?.organization));
    expect(new Set(slugs)).toEqual(new Set([theirs.slug, undefined]));
  });
});

describe("adsapp ticks", () => {
  it("lists those that ran, the newest first, with the minutes that had none", async () => {
    const { stdout } = await runCommand(ticks, [], { databaseUrl: testDatabase.url, format: "json" });
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(
      rows.map(({ pid, seconds, missedMinutes, sent, error }) => [pid, seconds, missedMinutes, sent, error]),
    ).toEqual([
      [1, 3, 2, 10, null],
      [4, 3, 0, 10, "no connection"],
      [5, 3, null, 10, null],
    ]);
    const two = await runCommand(ticks, ["--limit", "2"], { databaseUrl: testDatabase.url, format: "json" });
    expect(JSON.parse(two.stdout)).toEqual(rows.slice(0, 2));
  });
});
