import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { dryRun } from "../../src/tick/dry-run.ts";
import command from "../../src/tick/tick.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { minutesAfter, NOW, type Setup, setup } from "../sending/setup.ts";
import { makeCampaign } from "../support/factories.ts";
import { expectForetold } from "./dry-run-property.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

describe("tick --dry-run", () => {
  it("tells how many of each campaign the tick then sends and skips, and writes nothing (by many seeds: dry-run.long.ts)", async () => {
    expect(await expectForetold(s, [8], 2)).toBeGreaterThan(0);
    await s.expectCleanAudit();
  });

  it("says whom it would write out first, what it would pause, and what others wait for", async () => {
    const w = await s.world();
    await w.contacts(7);
    await makeCampaign(s.database, w.organization, {
      name: "Nu",
      status: "scheduled",
      scheduledAt: minutesAfter(-1),
    });
    await makeCampaign(s.database, w.organization, {
      name: "Te laat",
      status: "scheduled",
      scheduledAt: minutesAfter(-24 * 60),
    });
    await makeCampaign(s.database, w.organization, {
      name: "Straks",
      status: "scheduled",
      scheduledAt: minutesAfter(60),
    });
    const { name: slow } = await w.broadcast({ perHour: 60, states: { pending: 9, waiting: 2 } });
    const { lines, send, wait } = await dryRun(s.database, w.organization.id, 55);
    const short = lines.map(({ campaign, would, writesOut, due, send, wait }) => ({
      campaign,
      would,
      writesOut,
      due,
      send,
      wait,
    }));
    expect(short).toEqual(
      expect.arrayContaining([
        { campaign: "Nu", would: "start", writesOut: 18, due: 0, send: 0, wait: {} },
        { campaign: "Te laat", would: "pause", writesOut: 0, due: 0, send: 0, wait: {} },
        {
          campaign: slow,
          would: "send",
          writesOut: 0,
          due: 9,
          send: 2,
          wait: { hourly_limit: 7, next_attempt: 2 },
        },
      ]),
    );
    expect({ send, wait }).toEqual({ send: 2, wait: { hourly_limit: 7, next_attempt: 2 } });
    expect(lines).toHaveLength(3);
  });

  it("counts for the tick's time what it has no time for", async () => {
    const w = await s.world({ sender: { throughput: 2 } });
    await w.broadcast({ states: { pending: 30 } });
    const { lines } = await dryRun(s.database, w.organization.id, 5);
    expect(lines).toMatchObject([{ due: 30, send: 10, wait: { time: 20 } }]);
  });

  it("lists them, and refuses what makes no sense with it", async () => {
    const w = await s.world();
    const { name } = await w.broadcast({ states: { pending: 3 } });
    const run = (...argv: string[]) =>
      runCommand(command, argv, { databaseUrl: s.url, organization: w.organization.slug, now: NOW });
    const { stdout, exitCode } = await run("--dry-run");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(`main +${name} +send +0 +3 +3`),
    });
    const json = await runCommand(command, ["--dry-run"], {
      databaseUrl: s.url,
      organization: w.organization.slug,
      now: NOW,
      format: "json",
    });
    const told = JSON.parse(json.stdout);
    expect(Object.keys(told)).toEqual([
      ...["at", "inbox", "events", "unknown", "due", "send", "skip", "wait", "lines"],
    ]);
    expect(Object.keys(told.lines[0]).toSorted()).toEqual([
      ...[
        "campaign",
        "due",
        "kind",
        "organization",
        "send",
        "sender",
        "skip",
        "until",
        "wait",
        "would",
        "writesOut",
      ],
    ]);
    expect(await run("--dry-run", "--drain")).toMatchObject({ exitCode: 2 });
    const ticks = await s.database.transaction(worker, (tx) =>
      tx.query("select from tick_runs where host is null"),
    );
    expect(ticks).toEqual([]);
  });
});
