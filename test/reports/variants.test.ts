import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import analytics from "../../src/reports/analytics.command.ts";
import { liftOf } from "../../src/reports/lift.ts";
import variants from "../../src/reports/variants.command.ts";
import { createTestDatabase } from "../support/database.ts";
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

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database, { slug: "jansen" });
  await makeSender(database, organization);
  await makeSender(database, await makeOrganization(database, { slug: "ander" }));
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** 200 people of whom 100 are held out; the others have A or B in turn. So many of each write afterwards. */
async function makeTest(name: string, holdout: number, a: number, b: number): Promise<void> {
  const run = await makeRun(database, await makeCampaign(database, organization, { name }));
  const jobs = await makeJobs(database, run, { read: 100, skipped: 100 }, { ago: "1 day" });
  const read = jobs.filter(({ status }) => status === "read");
  const held = jobs.filter(({ status }) => status === "skipped");
  const arms = { A: read.slice(0, 50), B: read.slice(50) };
  await inPlace(database, async (tx) => {
    for (const [variant, people] of Object.entries(arms))
      await tx.run("update bulk_message_jobs set variant = $1 where id = any ($2::uuid[])", [
        variant,
        people.map(({ id }) => id),
      ]);
    await tx.run("update bulk_message_jobs set skip_reason = 'holdout' where id = any ($1::uuid[])", [
      held.map(({ id }) => id),
    ]);
    const writers = [...held.slice(0, holdout), ...arms.A.slice(0, a), ...arms.B.slice(0, b)];
    await tx.run(
      `insert into messages (organization_id, direction, contact_id, type, body, status, received_at)
       select $1::uuid, 'inbound', c.id, t.type, 'Hoi', 'received', adsapp_now() - t.ago::interval
         from unnest($2::uuid[]) c(id) cross join (values ('text', '1 hour'), ('text', '2 hours')) t(type, ago)
       union all select $1, 'inbound', c.id, t.type, 'Nee', 'received', adsapp_now() - t.ago::interval
         from unnest($3::uuid[]) c(id) cross join (values ('text', '3 days'), ('reaction', '1 hour')) t(type, ago)`,
      [organization.id, writers.map((job) => job.contactId), held.slice(90).map((job) => job.contactId)],
    );
  });
}

const report = async (campaign: string, format: "csv" | "json" | "table" = "json") =>
  runCommand(variants, ["--campaign", campaign], {
    databaseUrl: testDatabase.url,
    organization: "jansen",
    format,
  });

const page = async (campaign?: string) =>
  (
    await runCommand(analytics, campaign === undefined ? [] : ["--campaign", campaign], {
      databaseUrl: testDatabase.url,
      organization: "jansen",
      format: "html",
    })
  ).stdout;

describe("a campaign's page", () => {
  it("has its variants, each with its rates, its lift and what that shows; one without variants has no such part", async () => {
    await makeTest("Shown", 4, 20, 5);
    const shown = await page("Shown");
    const part = /<h2>Variants<\/h2>.*?<\/section>/s.exec(shown)?.[0] ?? "";
    for (const text of [
      "holdout",
      "50 people · higher by 36.0 points",
      "no difference shown",
      "40.0\u202f%",
      "95 % interval",
    ])
      expect(part).toContain(text);
    expect(part.match(/class="chart"/g)).toHaveLength(1);
    expect(part.match(/<tr>/g)).toHaveLength(4);
    const run = await makeRun(
      database,
      await makeCampaign(database, organization, { name: "Without variants" }),
    );
    await makeJobs(database, run, { read: 2 });
    expect(await page("Without variants")).not.toContain("<h2>Variants</h2>");
    expect(await page()).not.toContain("<h2>Variants</h2>");
  });
});

describe("report variants as a page", () => {
  const alone = async (campaign: string, argv: string[] = []) =>
    runCommand(variants, ["--campaign", campaign, ...argv], {
      databaseUrl: testDatabase.url,
      organization: "jansen",
      format: "html",
    });

  it("has the arms of the broadcast, in words, as a chart and as a table, named by its name also when asked by id", async () => {
    await makeTest("Alone", 4, 20, 5);
    const { stdout, exitCode } = await alone("Alone");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("<h1>Alone · ");
    expect(stdout).toContain("WhatsApp report, all messages until now.");
    expect(stdout.match(/<h2>.*?<\/h2>/g)).toEqual(["<h2>Variants</h2>"]);
    for (const text of ["50 people · higher by 36.0 points", "no difference shown", "95 % interval"])
      expect(stdout).toContain(text);
    expect(stdout).not.toMatch(/the days of this page|NaN|undefined/);
    const [row] = await inPlace(database, (tx) =>
      tx.query<{ id: string }>("select id from bulk_campaigns where name = 'Alone'"),
    );
    expect((await alone(row?.id ?? "")).stdout).toContain("<h1>Alone · ");
    expect(await page(row?.id)).toContain("<h1>Alone · ");
  });

  it("says where there is nothing to compare, or nothing at all", async () => {
    const run = await makeRun(database, await makeCampaign(database, organization, { name: "One arm" }));
    await makeJobs(database, run, { read: 3, sent: 1 });
    const { stdout } = await alone("One arm");
    expect(stdout).toContain("nothing to hold it against");
    expect(stdout).toContain("75.0\u202f%");
    await makeCampaign(database, organization, { name: "Not yet", status: "draft" });
    expect((await alone("Not yet")).stdout).toContain("Nothing of it was sent yet.");
    expect(await alone("Nowhere")).toMatchObject({ exitCode: 4, stdout: "" });
  });
});

describe("report variants", () => {
  it("holds each variant against the people held out, by who wrote after the campaign began", async () => {
    await makeTest("Works", 4, 20, 5);
    const arms = JSON.parse((await report("Works")).stdout);
    expect(arms).toMatchObject([
      {
        variant: "holdout",
        people: 100,
        read: 0,
        wroteBack: 4,
        wroteBackRate: 4,
        lift: null,
        verdict: "baseline",
      },
      { variant: "A", people: 50, read: 50, wroteBack: 20, wroteBackRate: 40, lift: 36, verdict: "higher" },
      { variant: "B", people: 50, openRate: 100, wroteBack: 5, lift: 6, verdict: "not shown" },
    ]);
    expect(arms[1].liftLow).toBeGreaterThan(20);
    expect(arms[2].liftLow).toBeLessThan(0);
  });

  it("has stable columns as CSV, and says when nothing was sent", async () => {
    const { stdout } = await report("Works", "csv");
    expect(stdout.split("\n")[0]).toBe(
      "variant,people,delivered,read,replied,opted_out,wrote_back,open_rate,reply_rate,wrote_back_rate,lift,lift_low,lift_high,verdict",
    );
    await makeCampaign(database, organization, { name: "Draft", status: "draft" });
    expect((await report("Draft", "table")).stderr).toBe("Nothing of it was sent yet.\n");
  });

  it("without a holdout is against the first variant; without variants there is one arm", async () => {
    const run = await makeRun(database, await makeCampaign(database, organization, { name: "Plain" }));
    await makeJobs(database, run, { sent: 10, skipped: 3 });
    expect(JSON.parse((await report("Plain")).stdout)).toMatchObject([
      { variant: "message", people: 10, verdict: "baseline" },
    ]);
    await inPlace(database, (tx) =>
      tx.run(
        "update bulk_message_jobs set variant = case when seq % 2 = 0 then 'B' else 'A' end where campaign_id = $1",
        [run.campaignId],
      ),
    );
    const arms = JSON.parse((await report("Plain")).stdout);
    expect(arms.map((arm: { variant: string; verdict: string }) => `${arm.variant} ${arm.verdict}`)).toEqual([
      "A baseline",
      "B not shown",
    ]);
  });

  it("knows no other tenant's campaign", async () => {
    const ran = await runCommand(variants, ["--campaign", "Works"], {
      databaseUrl: testDatabase.url,
      organization: "ander",
    });
    expect(ran).toMatchObject({ exitCode: 4, stdout: "" });
  });
});

describe("the lift", () => {
  it.each([
    // Newcombe 1998, table II, method 10
    [56, 70, 48, 80, 20, 5.24, 33.39],
    [9, 10, 3, 10, 60, 17.05, 80.9],
    [6, 7, 2, 7, 57.14, 5.82, 80.62],
    [5, 56, 0, 29, 8.93, -3.81, 19.26],
    [0, 10, 0, 20, 0, -16.11, 27.75],
    [10, 10, 0, 10, 100, 60.75, 100],
  ])(
    "of %i of %i over %i of %i is %d points, from %d to %d",
    (some, of, others, ofThem, points, low, high) => {
      expect(liftOf({ some, of }, { some: others, of: ofThem })).toEqual({ points, low, high });
    },
  );

  it("lies within its interval, which mirrors when the groups change places, and is there only for people", () => {
    const share = fc.nat({ max: 5000 }).chain((of) => fc.nat({ max: of }).map((some) => ({ some, of })));
    fc.assert(
      fc.property(share, share, (a, b) => {
        const lift = liftOf(a, b);
        if (a.of === 0 || b.of === 0) return void expect(lift).toBeNull();
        const { points, low, high } = lift as NonNullable<typeof lift>;
        const back = liftOf(b, a) as NonNullable<typeof lift>;
        expect(low).toBeLessThanOrEqual(points);
        expect(points).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(-100);
        expect(high).toBeLessThanOrEqual(100);
        expect(back.low).toBeCloseTo(-high, 1);
        expect(back.high).toBeCloseTo(-low, 1);
      }),
    );
  });
});
