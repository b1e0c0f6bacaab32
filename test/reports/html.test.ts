import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import analytics from "../../src/reports/analytics.command.ts";
import failures from "../../src/reports/failures.command.ts";
import { html } from "../../src/reports/html/markup.ts";
import { columnsOf } from "../../src/reports/html/overview.ts";
import { HOSTILE, type Month, makeMonth, NOW } from "./month.ts";
import { runCommand } from "./run-command.ts";

let month: Month;
let page: string;

beforeAll(async () => {
  month = await makeMonth();
  page = (await asked([])).stdout;
});

afterAll(() => month.end());

const asked = (argv: string[], given: { spec?: typeof analytics; organization?: string } = {}) =>
  runCommand(given.spec ?? analytics, argv, {
    databaseUrl: month.url,
    organization: given.organization ?? "jansen",
    format: "html",
    now: NOW,
  });

const titles = (text: string) => [...text.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title);

describe("a report as HTML", () => {
  it("has all reports in one page, whose numbers are those of the tables", () => {
    expect(titles(page)).toEqual([
      "Overview",
      "Campaigns compared",
      "Drips",
      "Agents",
      "Channels",
      "Templates",
      "Failures",
    ]);
    for (const text of ["8\u202f863", "3\u202f364", "Fatima el Amrani", "Toonbank", "131026", "Welkom bij"])
      expect(page).toContain(text);
  });

  it("fetches nothing, runs nothing, and forbids itself to", () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|@import|url\(|\bsrc=|\bhref=|\son\w+=/i);
    expect(page).not.toMatch(/https?:/);
  });

  it("escapes what people wrote, and shows what hides in it", () => {
    expect(page).toContain(
      "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot; &#39;x&#39; \\u202e&lt;/svg&gt;",
    );
    expect(page).not.toContain(HOSTILE);
    expect(page).not.toContain("\u202e");
  });

  it("names every chart for those who do not see it, with an id of its own, and has a table beside it", () => {
    const charts = [...page.matchAll(/<(svg|div) class="chart"[^>]*>/g)].map(([chart]) => chart);
    expect(charts).toHaveLength(6);
    for (const chart of charts) {
      const [, title = "", description = ""] = chart.match(/role="img" aria-labelledby="(\S+) (\S+)"/) ?? [];
      expect(page).toMatch(new RegExp(`<(title|span class="unseen") id="${title}">[^<]`));
      expect(page).toMatch(new RegExp(`<(desc|span class="unseen") id="${description}">[^<]`));
    }
    const ids = [...page.matchAll(/ id="(.*?)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(page.match(/<table/g)?.length).toBeGreaterThanOrEqual(charts.length);
    expect(page.match(/<caption>/g)?.length).toBe(page.match(/<table/g)?.length);
  });

  it("draws no shape with a size that is no number, or below nothing", () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|="-\d/);
  });

  it("of one campaign leaves out what is not counted by campaign", async () => {
    const { stdout } = await asked(["--campaign", "Black Friday Sale"]);
    expect(titles(stdout)).toEqual(["Overview", "Campaigns compared", "Failures"]);
    expect(stdout).toContain("<h1>Black Friday Sale · Bakkerij Jansen</h1>");
    expect(stdout).not.toContain("Sinterklaas");
    const drip = await asked(["--campaign", "Nieuwe Lead Opvolging"]);
    expect(titles(drip.stdout)).toEqual(["Overview", "Campaigns compared", "Drips", "Failures"]);
  });

  it("of an organization without numbers says so in each part, and shows nothing of another", async () => {
    const { stdout } = await asked([], { organization: "leeg" });
    expect(stdout.match(/ in these days\./g)).toHaveLength(7);
    expect(stdout).not.toMatch(/class="chart"|Jansen|Fatima/);
  });

  it("goes to a file, and says so; one that cannot be written is a fault of the command line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "adsapp-report-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "report.html");
    const ran = await asked(["--output", file], { spec: failures as typeof analytics });
    expect(ran).toEqual({ stdout: "", stderr: `${file} is written: open it in a browser.\n`, exitCode: 0 });
    expect(titles(readFileSync(file, "utf8"))).toEqual(["Failures"]);
    const missing = await asked(["--output", join(folder, "no", "report.html")]);
    expect(missing).toMatchObject({ exitCode: 2, stdout: "" });
    expect(missing.stderr).toMatch(/cannot be written \(ENOENT\)/);
  });

  it("goes over a file only when told so, and through a link never", async () => {
    const folder = mkdtempSync(join(tmpdir(), "adsapp-report-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [file, link] = [join(folder, "contacts.csv"), join(folder, "link.html")];
    writeFileSync(file, "phone\n");
    symlinkSync(file, link);
    const refused = await asked(["--output", file]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(/contacts\.csv exists\n.*--force/);
    expect((await asked(["--output", link, "--force"])).stderr).toMatch(/is a link/);
    expect(readFileSync(file, "utf8")).toBe("phone\n");
    expect(await asked(["--output", file, "--force"])).toMatchObject({ exitCode: 0 });
    expect(titles(readFileSync(file, "utf8"))).toContain("Overview");
    expect(readdirSync(folder).sort()).toEqual(["contacts.csv", "link.html"]);
  });

  it("is the only format that goes to a file", async () => {
    const ran = await runCommand(analytics, ["--output", "x.csv"], {
      databaseUrl: month.url,
      organization: "jansen",
      format: "csv",
    });
    expect(ran).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ran.stderr).toMatch(/--output is for --format html/);
  });
});

describe("the columns over time", () => {
  const day = (date: string) => ({
    date,
    messagesSent: 7,
    messagesDelivered: 6,
    messagesRead: 5,
    messagesFailed: 0,
    repliesReceived: 1,
    optOuts: 0,
  });

  it.each([
    ["2026-11-27", "2026-11-27", "day", 1],
    ["2026-10-28", "2026-11-27", "day", 31],
    ["2026-01-01", "2026-11-27", "week", 48],
    ["2020-01-01", "2026-11-27", "month", 83],
  ])("from %s to %s are one a %s: %i of them, with every message in one", (since, until, unit, n) => {
    const made = columnsOf([day(since), ...(since === until ? [] : [day(until)])], { since, until });
    expect({ unit: made.unit, n: made.columns.length }).toEqual({ unit, n });
    const sent = made.columns.reduce((sum, { values }) => sum + (values[0] ?? 0), 0);
    expect(sent).toBe(since === until ? 7 : 14);
  });
});

describe("the template of HTML", () => {
  it("escapes text and attributes, joins lists, leaves out nothing's, and takes its own as it is", () => {
    const inner = html`<b title="${'"><i>'}">${["<", null, 1, false, undefined, "&"]}</b>`;
    expect(html`<p>${inner}${[inner]}</p>`.text).toBe(
      `<p>${'<b title="&quot;&gt;&lt;i&gt;">&lt;1&amp;</b>'.repeat(2)}</p>`,
    );
  });
});
