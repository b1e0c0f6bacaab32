import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import type { CommandSpec } from "../../src/cli/command.ts";
import type { Format } from "../../src/cli/output/index.ts";
import { owner, worker } from "../../src/db/identity.ts";
import agents from "../../src/reports/agents.command.ts";
import analytics from "../../src/reports/analytics.command.ts";
import campaigns from "../../src/reports/campaigns.command.ts";
import channels from "../../src/reports/channels.command.ts";
import drip from "../../src/reports/drip.command.ts";
import failures from "../../src/reports/failures.command.ts";
import { adviceOn } from "../../src/reports/failures.ts";
import templates from "../../src/reports/templates.command.ts";
import { packageRoot } from "../../src/root.ts";
import {
  inPlace,
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { type Month, makeMonth, NOW } from "./month.ts";
import { runCommand } from "./run-command.ts";

let month: Month;

beforeAll(async () => {
  month = await makeMonth();
});

afterAll(() => month.end());

type Spec = CommandSpec<never[], never>;
const REPORTS = { analytics, campaigns, drip, agents, channels, templates, failures } as Record<string, Spec>;

const run = (
  name: string,
  argv: string[] = [],
  given: { format?: Format; organization?: string; columns?: number } = {},
) =>
  runCommand(REPORTS[name] as Spec, argv, {
    databaseUrl: month.url,
    organization: "jansen",
    format: "csv",
    now: NOW,
    ...given,
  });

const csv = async (name: string, ...argv: string[]) => (await run(name, argv)).stdout.trimEnd().split("\n");

describe("report agents", () => {
  it("has the columns of the source document's query first, most conversations first, this week", async () => {
    expect(await csv("agents")).toEqual([
      "full_name,total_convos,avg_response,csat,messages_sent,avg_next_response,avg_resolution,online_time",
      "Fatima el Amrani,60,95.5,4.5,200,80,3600,108000",
      "Pieter de Vries,45,155.5,4.2,200,80,3600,108000",
      "Sanne Bakker,30,215.5,,200,80,3600,108000",
    ]);
  });

  it("gives what the source document's query gives", async () => {
    const rows = await inPlace(month.database, (tx) =>
      tx.query<object>(
        `SELECT p.full_name, SUM(apm.conversations_handled) as total_convos, AVG(apm.avg_first_response_time) as avg_response,
                AVG(apm.customer_satisfaction_score) as csat
           FROM agent_performance_metrics apm JOIN profiles p ON p.id = apm.agent_id
          WHERE apm.organization_id = $1 AND apm.date >= date_trunc('week', DATE '2026-11-27')
          GROUP BY p.id, p.full_name ORDER BY total_convos DESC`,
        [month.organization.id],
      ),
    );
    const lines = JSON.parse((await run("agents", [], { format: "json" })).stdout);
    expect(lines).toMatchObject(rows);
  });

  it("by day has a line a day and agent, latest day first", async () => {
    const lines = await csv("agents", "--days", "1", "--by", "day");
    expect(lines.map((line) => line.split(",").slice(0, 3).join(" "))).toEqual([
      "date full_name total_convos",
      ...["2026-11-27", "2026-11-26"].flatMap((day) => [
        `${day} Fatima el Amrani 12`,
        `${day} Pieter de Vries 9`,
        `${day} Sanne Bakker 6`,
      ]),
    ]);
  });
});

describe("report channels", () => {
  it("counts the conversations of these days by source, with its share", async () => {
    expect(await csv("channels")).toEqual([
      "source,type,code,conversations,share",
      "Campaigns,campaign,,48,55.81",
      "Toonbank,qr_code,A7K2,21,24.42",
      "Website,web_widget,WEB1,17,19.77",
    ]);
    expect(await csv("channels", "--days", "90")).toContain("Toonbank,qr_code,A7K2,120,64.86");
  });
});

describe("report templates", () => {
  it("adds up the days of each template, most sent first", async () => {
    expect(await csv("templates")).toEqual([
      "template,language,category,messages_sent,messages_delivered,messages_read,messages_failed,replies_received,delivery_rate,open_rate,reply_rate",
      "black_friday,nl,MARKETING,2700,2664,1350,0,135,98.67,50,5",
      "sinterklaas,nl,MARKETING,1080,1044,540,0,54,96.67,50,5",
    ]);
  });
});

describe("report failures", () => {
  it("says by code what it means and what to do, most first", async () => {
    const lines = await csv("failures");
    expect(lines.map((line) => line.split(",").slice(0, 3).join(","))).toEqual([
      "error_code,failures,share",
      "131026,106,55.79",
      "131049,72,37.89",
      "132001,5,2.63",
      "none,5,2.63",
      "unsent,2,1.05",
    ]);
    expect(lines[3]).toContain("The template cannot be used. template sync shows its state");
  });

  it("narrows to a broadcast or a drip, and divides by campaign or day", async () => {
    const of = (...argv: string[]) => csv("failures", ...argv).then((lines) => lines.slice(1));
    expect((await of("--campaign", "Nieuwe Lead Opvolging"))[0]).toMatch(/^none,5,100,/);
    expect(
      (await of("--campaign", "Sinterklaas 2026", "--by", "campaign")).map((l) => l.split(",")[0]),
    ).toEqual(Array(3).fill("Sinterklaas 2026"));
    expect((await of("--by", "day")).at(-1)).toMatch(/^2026-11-12,none,5/);
  });

  it("has advice on every code that Meta is known to give, and on the words that adsapp writes itself", () => {
    const codes = JSON.parse(readFileSync(join(packageRoot(), "src/sending/error-codes.json"), "utf8"));
    for (const { code, meaning } of codes) {
      const advice = adviceOn(code.split("-")[0]);
      expect(advice.meaning).toBe(meaning);
      expect(advice.whatToDo).toMatch(/\.$/);
    }
    for (const own of [
      "none",
      "unsent",
      "crash",
      "unknown",
      "missing_variable",
      "http_502",
      "987654321",
      "x",
    ])
      expect(adviceOn(own).whatToDo).toMatch(/\.$/);
    expect(adviceOn("250")).toEqual(adviceOn("200"));
  });
});

describe("every report", () => {
  it.each(Object.keys(REPORTS))("%s: has the same columns as CSV, JSON and NDJSON", async (name) => {
    const header = (await csv(name))[0] ?? "";
    const [first] = JSON.parse((await run(name, [], { format: "json" })).stdout);
    const line = JSON.parse((await run(name, [], { format: "ndjson" })).stdout.split("\n")[0] ?? "");
    const snake = (key: string) => key.replace(/[A-Z]/g, (sign) => `_${sign.toLowerCase()}`);
    expect(Object.keys(first).map(snake).join()).toBe(header);
    expect(line).toEqual(first);
  });

  it.each(Object.keys(REPORTS))(
    "%s: of an organization without numbers is an empty list, and says so to people",
    async (name) => {
      expect((await run(name, [], { format: "json", organization: "leeg" })).stdout).toBe("[]\n");
      const people = await run(name, [], { format: "table", organization: "leeg" });
      expect(people).toMatchObject({ stdout: "", exitCode: 0 });
      expect(people.stderr).toMatch(/^(Nothing|Nobody|No) .* from 2026-.* to 2026-11-27\.\n$/);
    },
  );

  it("reads no message, no job and no log: whoever may not see them gets the same answer", async () => {
    const before = await Promise.all(Object.keys(REPORTS).map((name) => run(name)));
    const page = await run("analytics", [], { format: "html" });
    const tables = "messages, bulk_message_jobs, drip_message_logs";
    await month.database.transaction(owner, (tx) =>
      tx.run(`revoke select on ${tables} from adsapp_operator`),
    );
    const after = await Promise.all(Object.keys(REPORTS).map((name) => run(name)));
    expect(after).toEqual(before);
    expect((await run("analytics", [], { format: "html" })).stdout).toBe(page.stdout);
    await month.database.transaction(owner, (tx) => tx.run(`grant select on ${tables} to adsapp_operator`));
  });

  it("knows no other tenant's campaign: not found, as one that does not exist", async () => {
    for (const name of ["analytics", "campaigns", "drip", "failures"])
      expect(await run(name, ["--campaign", "Sinterklaas 2026"], { organization: "leeg" })).toMatchObject({
        exitCode: 4,
        stdout: "",
      });
  });
});

describe("reports on a terminal", () => {
  it("draw the days above the table, within its width, and bars where there is room", async () => {
    const wide = (await run("analytics", [], { format: "table", columns: 100 })).stdout.split("\n");
    expect(wide[0]?.trim()).toBe("2026-10-28 to 2026-11-27");
    expect(wide[1]).toMatch(/^Sent {6} ?[▁▂▃▄▅▆▇█ ]{29,31}$/);
    const narrow = (await run("analytics", [], { format: "table", columns: 30 })).stdout.split("\n");
    expect(narrow[1]).toMatch(/^Sent {6} ?[▁▂▃▄▅▆▇█ ]{15,16}$/);
    expect((await run("channels", [], { format: "table", columns: 90 })).stdout).toMatch(
      /48 {2}█{16} {2}55\.8 %/,
    );
    expect((await run("channels", [], { format: "table", columns: 70 })).stdout).not.toContain("█");
  });
});

describe("failures and steps by day", () => {
  it("say what the rows say after failures, retries and late replies: the audit is clean", async () => {
    const organization = await makeOrganization(month.database, { slug: "echt" });
    await makeSender(month.database, organization);
    const sale = await makeRun(month.database, await makeCampaign(month.database, organization));
    const jobs = await makeJobs(month.database, sale, { failed: 5, sent: 3 });
    const failed = jobs.filter(({ status }) => status === "failed").map(({ id }) => id);
    const counts = () =>
      inPlace(month.database, (tx) =>
        tx.query<object>(
          "select error_code, sum(failures) as n from failure_analytics where organization_id = $1 group by 1 having sum(failures) > 0 order by 1",
          [organization.id],
        ),
      );
    const [before] = (await counts()) as [{ n: number }];
    expect(before.n).toBe(5);
    await month.database.transaction(worker, (tx) =>
      tx.run("update bulk_message_jobs set error_code = '131026' where id = $1", [failed[0]]),
    );
    await month.database.transaction(worker, (tx) =>
      tx.run(
        "update bulk_message_jobs set status = 'pending', failed_at = null, counted_on = null, error_code = null, attempts = 0 where id = any ($1)",
        [failed.slice(1, 3)],
      ),
    );
    expect((await counts()).map((row) => (row as { n: number }).n).sort()).toEqual([1, 2]);
    const proof = await month.database.transaction(worker, (tx) => audit(tx, organization.id));
    const broken = proof.checks.filter(({ name, ok }) => /equal_rows/.test(name) && !ok);
    expect(broken).toEqual([]);
    const steps = await month.database.transaction(worker, (tx) => audit(tx, month.organization.id));
    expect(steps.checks.find(({ name }) => name === "drip_steps_equal_rows")?.ok).toBe(true);
  });
});
