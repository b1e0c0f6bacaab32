import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import analytics from "../../src/reports/analytics.command.ts";
import { analyticsByCampaign, analyticsByDay, totalOf } from "../../src/reports/analytics.ts";
import campaigns from "../../src/reports/campaigns.command.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip } from "../support/drip-factories.ts";
import {
  inPlace,
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestOrganization,
} from "../support/factories.ts";
import { runCommand } from "./run-command.ts";

const HEADER =
  "date,campaign_type,campaign,messages_sent,messages_delivered,messages_read,messages_failed,replies_received,opt_outs,delivery_rate,open_rate,reply_rate";
const NOVEMBER = { since: "2026-11-01", until: "2026-11-30" };
const NOW = new Date("2026-11-27T12:00:00Z");

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database, { slug: "jansen" });
  await makeSender(database, organization);
  const sale = await makeCampaign(database, organization, { name: "Black Friday Sale" });
  const survey = await makeCampaign(database, organization, { name: "=Survey", type: "survey" });
  await makeCampaign(database, organization, { name: "Never sent", status: "draft" });
  await makeDay(sale.id, "2026-11-25", [200, 150, 75, 3, 10, 2]);
  await makeDay(sale.id, "2026-11-27", [3, 2, 1, 0, 0, 0]);
  await makeDay(survey.id, "2026-11-27", [10, 10, 8, 0, 4, 0]);
  await makeDay(survey.id, "2026-10-01", [1, 1, 1, 0, 1, 0]);
  other = await makeOrganization(database, { slug: "pietersen" });
  await makeSender(database, other);
  await makeDay(
    (await makeCampaign(database, other, { name: "Theirs" })).id,
    "2026-11-27",
    [7, 7, 7, 0, 7, 0],
  );
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function makeDay(campaignId: string, date: string, numbers: number[]): Promise<void> {
  await inPlace(database, (tx) =>
    tx.run(
      `insert into campaign_analytics (organization_id, campaign_id, campaign_type, date, messages_sent, messages_delivered, messages_read,
                                       messages_failed, replies_received, opt_outs)
       select c.organization_id, c.id, 'bulk', $2, $3, $4, $5, $6, $7, $8 from bulk_campaigns c where c.id = $1`,
      [campaignId, date, ...numbers],
    ),
  );
}

const report = (
  argv: readonly string[],
  format: "table" | "json" | "ndjson" | "csv",
  spec: typeof analytics | typeof campaigns = analytics,
) => runCommand(spec, argv, { databaseUrl: testDatabase.url, organization: "jansen", format, now: NOW });

describe("report analytics", () => {
  it("gives a line a day and campaign as CSV, latest first, without totals", async () => {
    const { stdout, exitCode } = await report([], "csv");
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split("\n")).toEqual([
      HEADER,
      "2026-11-27,bulk,'=Survey,10,10,8,0,4,0,100,80,40",
      "2026-11-27,bulk,Black Friday Sale,3,2,1,0,0,0,66.67,33.33,0",
      "2026-11-25,bulk,Black Friday Sale,200,150,75,3,10,2,75,37.5,5",
    ]);
  });

  it("gives JSON with camelCase keys and numbers", async () => {
    const { stdout } = await report(["--since", "2026-11-25", "--until", "2026-11-25"], "json");
    expect(JSON.parse(stdout)).toEqual([
      {
        date: "2026-11-25",
        campaignType: "bulk",
        campaign: "Black Friday Sale",
        messagesSent: 200,
        messagesDelivered: 150,
        messagesRead: 75,
        messagesFailed: 3,
        repliesReceived: 10,
        optOuts: 2,
        deliveryRate: 75,
        openRate: 37.5,
        replyRate: 5,
      },
    ]);
  });

  it("adds up the days of a campaign and computes the rates anew", async () => {
    const { stdout } = await report(["--by", "campaign"], "csv");
    expect(stdout.trimEnd().split("\n")).toEqual([
      HEADER.replace("date,", ""),
      "bulk,'=Survey,10,10,8,0,4,0,100,80,40",
      "bulk,Black Friday Sale,203,152,76,3,10,2,74.88,37.44,4.93",
    ]);
  });

  it("narrows to one campaign, and says which is near when there is no such", async () => {
    const { stdout } = await report(["--campaign", "Black Friday Sale", "--days", "0"], "ndjson");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).campaign),
    ).toEqual(["Black Friday Sale"]);
    const missing = await report(["--campaign", "Black Friday Sail"], "csv");
    expect(missing).toMatchObject({ exitCode: 4, stdout: "" });
    expect(missing.stderr).toMatch(/not found\nDid you mean "Black Friday Sale"/);
  });

  it("answers for another tenant's campaign as for one that does not exist", async () => {
    expect((await report(["--campaign", "Theirs"], "csv")).exitCode).toBe(4);
  });

  it("ends a table with the totals", async () => {
    const { stdout } = await report([], "table");
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^Date +Campaign +Sent +Delivered/);
    expect(lines.at(-1)).toMatch(/^Total +– +213 +162 +84 +3 +14 +2 +76\.1 % +39\.4 % +6\.6 %$/);
  });

  it("says on stderr that nothing was sent, and gives an empty list as data", async () => {
    const days = ["--since", "2025-01-01", "--until", "2025-01-31"];
    expect(await report(days, "table")).toEqual({
      stdout: "",
      stderr: "Nothing was sent from 2025-01-01 to 2025-01-31.\n",
      exitCode: 0,
    });
    expect((await report(days, "json")).stdout).toBe("[]\n");
    expect((await report(days, "csv")).stdout).toBe(`${HEADER}\n`);
  });

  it("refuses a day that does not exist with exit code 2", async () => {
    const { exitCode, stderr } = await report(["--since", "2026-02-30"], "csv");
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error: --since "2026-02-30" is not a day\nWrite it as 2026-11-27.\n');
  });

  it("shows an organization nothing of another, even when asked for it by id", async () => {
    const mine = operator(organization.profileId);
    expect(await database.transaction(mine, (tx) => analyticsByDay(tx, other.id, NOVEMBER))).toEqual([]);
    expect(await database.transaction(mine, (tx) => analyticsByCampaign(tx, other.id, NOVEMBER))).toEqual([]);
    expect(
      await database.transaction(operator(other.profileId), (tx) => analyticsByDay(tx, other.id, NOVEMBER)),
    ).toHaveLength(1);
  });

  it("agrees with the rows that the counting triggers saw", async () => {
    const run = await makeRun(database, await makeCampaign(database, other, { name: "Counted" }));
    await makeJobs(database, run, { sent: 2, delivered: 3, read: 4, failed: 1, skipped: 5, pending: 6 });
    const lines = await database.transaction(worker, (tx) =>
      analyticsByCampaign(tx, other.id, { since: "2000-01-01", until: "2100-01-01" }, [run.campaignId]),
    );
    expect(lines).toMatchObject([
      { messagesSent: 9, messagesDelivered: 7, messagesRead: 4, messagesFailed: 1, deliveryRate: 77.78 },
    ]);
  });
});

describe("the total of no lines", () => {
  it("has rates of 0", () => {
    expect(totalOf([])).toMatchObject({ messagesSent: 0, deliveryRate: 0, openRate: 0, replyRate: 0 });
  });
});

describe("report campaigns", () => {
  it("gives the columns of the source document's query, best reply rate first", async () => {
    const { stdout } = await report([], "csv", campaigns);
    expect(stdout).toBe(
      "name,messages_sent,delivery_rate,reply_rate\n'=Survey,10,100,40\nBlack Friday Sale,203,74.88,4.93\n",
    );
  });

  it("takes a limit and a longer window", async () => {
    const { stdout } = await report(["--days", "90", "--limit", "1"], "json", campaigns);
    expect(JSON.parse(stdout)).toEqual([
      { name: "=Survey", messagesSent: 11, deliveryRate: 100, replyRate: 45.45 },
    ]);
  });

  it("is of broadcasts alone: a drip is none, so it is not found", async () => {
    await makeDrip(database, organization, { name: "Welkom" });
    const { exitCode, stderr } = await report(["--campaign", "Welkom"], "csv", campaigns);
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: 'error: campaign "Welkom" not found\n' });
    expect(await report(["--campaign", "Welkom"], "csv")).toMatchObject({ exitCode: 0 });
  });

  it("runs as the source document writes it", async () => {
    const rows = await database.transaction(operator(organization.profileId), (tx) =>
      tx.query(
        `SELECT bc.name, ca.messages_sent, ca.delivery_rate, ca.reply_rate
           FROM campaign_analytics ca
           JOIN bulk_campaigns bc ON bc.id = ca.campaign_id
          WHERE ca.organization_id = $1 AND ca.date >= DATE '2026-11-27' - 30 AND ca.campaign_type = 'bulk'
          ORDER BY ca.reply_rate DESC
          LIMIT 10`,
        [organization.id],
      ),
    );
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({ name: "=Survey", messagesSent: 10, deliveryRate: 100, replyRate: 40 });
  });
});
