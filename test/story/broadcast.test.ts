import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { createTestDatabase } from "../support/database.ts";
import { FIXTURE } from "../support/dutch-contacts.ts";
import { type Ran, runAdsappProcess } from "../support/program.ts";

const fixture = (name: string) => join(packageRoot(), "fixtures", name);

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let simulator: Simulator;
let home: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  home = mkdtempSync(join(tmpdir(), "adsapp-story-"));
  mkdirSync(home, { recursive: true });
  simulator = await startSimulator({
    webhook: { file: join(home, "bodies.ndjson") },
    immediate: true,
    token: "secret",
  });
});

afterAll(async () => {
  await simulator.close();
  await testDatabase.drop();
  rmSync(home, { recursive: true, force: true });
});

async function adsapp(...args: string[]): Promise<Ran> {
  const env = { WHATSAPP_TOKEN: "secret", ADSAPP_WHATSAPP_API_URL: simulator.url };
  return runAdsappProcess(args, { databaseUrl: testDatabase.url, home, env });
}

async function json<T>(...args: string[]): Promise<T> {
  const ran = await adsapp(...args, "--format", "json");
  expect([0, 3], `${args.join(" ")}: ${ran.stderr}`).toContain(ran.exitCode);
  return JSON.parse(ran.stdout) as T;
}

// The day's work of design/commands.md, as scripts write it; each step goes on from the one before.
describe("a broadcast, from a CSV to a report", () => {
  it("begins with an organization and a number", async () => {
    const made = [
      "org",
      "create",
      "Bakkerij Jansen",
      "--slug",
      "jansen",
      "--timezone",
      "Europe/Amsterdam",
      "--country",
      "NL",
    ];
    expect((await adsapp(...made)).exitCode).toBe(0);
    expect((await adsapp(...made)).exitCode).toBe(1);
    expect((await adsapp(...made, "--if-not-exists")).exitCode).toBe(0);
    const added = [
      "sender",
      "add",
      "main",
      "--phone-number-id",
      "106540352242922",
      "--waba-id",
      "102290129340398",
    ];
    expect((await adsapp(...added, "--token-env", "WHATSAPP_TOKEN", "--throughput", "800")).stderr).toBe("");
  });

  it("imports the Dutch list with its rejects, and knows the file again", async () => {
    const words = [
      "contact",
      "import",
      fixture("contacts-dutch.csv"),
      "--list",
      "klanten",
      "--tag",
      "herfst",
      "--country",
      "NL",
    ];
    const rejects = join(home, "rejects.csv");
    const ran = await adsapp(...words, "--rejects", rejects, "--format", "json");
    expect(ran.exitCode).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      rows: FIXTURE.people + FIXTURE.duplicates + FIXTURE.bad,
      created: FIXTURE.people,
      updated: 0,
      unchanged: 0,
      skipped: FIXTURE.duplicates,
      rejected: FIXTURE.bad,
    });
    expect(readFileSync(rejects, "utf8").trim().split("\n").length).toBeGreaterThanOrEqual(FIXTURE.bad + 1);
    const again = await json<{ created: number; skipped: number }>(...words);
    expect(again).toMatchObject({ created: 0, updated: 0 });
  });

  it("previews whom it reaches, by reason", async () => {
    await adsapp("template", "add", "-f", fixture("template-black-friday.yaml"));
    expect((await adsapp("campaign", "validate", "-f", fixture("black-friday.yaml"))).exitCode).toBe(0);
    await json("campaign", "create", "-f", fixture("black-friday.yaml"));
    const preview = await json<{
      targets: number;
      willBeSent: number;
      skipped: object;
      samples: { text: string }[];
    }>("campaign", "preview", "Black Friday Sale");
    const skipped = Object.values(preview.skipped).reduce((sum: number, n: number) => sum + n, 0);
    expect(preview.willBeSent + skipped).toBe(preview.targets);
    expect(preview.samples[0]?.text).toMatch(/^Hoi \p{Lu}\S+, vandaag 20% korting/u);
  });

  it("sends with one tick to each exactly once, and never to who opted out", async () => {
    const started = await json<{ status: string; targets: number; skipped: number }>(
      "campaign",
      "start",
      "Black Friday Sale",
    );
    expect(started.status).toBe("running");
    expect(started.skipped).toBeGreaterThan(0);
    const tick = await json<{ sent: { bulk: number }; due: number; halted: [] }>("tick");
    expect(tick).toMatchObject({
      sent: { bulk: started.targets - started.skipped, drip: 0, direct: 0 },
      due: 0,
      halted: [],
    });
    const got = simulator.accepted().map(({ to }) => to);
    expect(new Set(got).size).toBe(got.length);
    expect(got.length).toBe(started.targets - started.skipped);
    const optedOut = await json<{ phone: string }[]>("contact", "list", "--opted-out", "--limit", "1000");
    expect(optedOut).toHaveLength(FIXTURE.optedOut);
    expect(optedOut.filter(({ phone }) => got.includes(phone))).toEqual([]);
  });

  it("says nothing when nothing is due", async () => {
    expect(await adsapp("tick")).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  it("takes in the webhooks, however often, and reports what the simulator's own ledger says", async () => {
    await simulator.flush();
    const bodies = join(home, "bodies.ndjson");
    for (let again = 0; again < 3; again++)
      expect((await adsapp("webhook", "ingest", bodies)).exitCode).toBe(0);
    const outcomes = (wanted: string[]) =>
      simulator.accepted().filter(({ outcome }) => wanted.includes(outcome)).length;
    const csv = (await adsapp("report", "analytics", "--format", "csv")).stdout.trim().split("\n");
    expect(csv[0]).toBe(
      "date,campaign_type,campaign,messages_sent,messages_delivered,messages_read,messages_failed,replies_received,opt_outs,delivery_rate,open_rate,reply_rate",
    );
    expect(csv).toHaveLength(2);
    const cells = csv[1]?.split(",") ?? [];
    expect(cells.slice(1, 9)).toEqual([
      "bulk",
      "Black Friday Sale",
      String(simulator.accepted().length),
      String(outcomes(["delivered", "read"])),
      String(outcomes(["read"])),
      String(outcomes(["failed"])),
      "0",
      "0",
    ]);
  });

  it("is complete, its books balance and nothing needs a person", async () => {
    const shown = await json<{
      status: string;
      statistics: Record<string, number>;
      byStatus: Record<string, number>;
    }>("campaign", "show", "Black Friday Sale");
    expect(shown.status).toBe("completed");
    const rows = Object.values(shown.byStatus).reduce((sum, n) => sum + n, 0);
    expect(rows).toBe(shown.statistics.totalTargets);
    const audit = await adsapp("audit", "--format", "json");
    expect(audit.exitCode).toBe(0);
    expect((JSON.parse(audit.stdout) as { checks: { ok: boolean }[] }).checks.every(({ ok }) => ok)).toBe(
      true,
    );
    expect((await adsapp("status", "--check")).exitCode).toBe(0);
  });

  it("tells the whole story of one contact", async () => {
    const phone = simulator.accepted()[0]?.to as string;
    const contact = await json<{ tags: string[]; lists: string[]; history: { what: string }[] }>(
      "contact",
      "show",
      phone,
    );
    expect(contact.lists).toEqual(["klanten"]);
    expect(contact.tags).toContain("herfst");
    expect(contact.history.some(({ what }) => what.startsWith("campaign Black Friday Sale"))).toBe(true);
  });
});

describe("a scheduled broadcast, rehearsed with --now", () => {
  const at = (time: string) => ["--now", `2027-03-0${time}:00+01:00`];
  const saved = async (name: string, scheduledAt: string, ...now: string[]) => {
    const file = join(home, `${name}.yaml`);
    writeFileSync(
      file,
      `kind: broadcast
name: ${name}
type: notification
targetAudience: { type: tags, tags: [vip] }
message: { type: template, template: black_friday, variables: { "1": "{{ contact.first_name | default: 'klant' }}", "2": "5%" } }
scheduling: { type: scheduled, scheduledAt: ${scheduledAt}, timezone: Europe/Amsterdam }
rateLimiting: { messagesPerHour: 30 }
`,
    );
    await json("campaign", "create", "-f", file, ...now);
    expect(await json("campaign", "start", name, ...now)).toMatchObject({ status: "scheduled" });
  };

  it("waits for its minute and keeps to messagesPerHour", async () => {
    await saved("Ochtend", "2027-03-01T10:00:00", ...at("1T08:00"));
    expect(await json("tick", ...at("1T09:59"))).toMatchObject({ campaignsStarted: 0, sent: { bulk: 0 } });
    let sent = 0;
    for (const time of ["10:00", "10:15", "10:30", "10:45", "10:58"]) {
      const tick = await json<{ sent: { bulk: number } }>("tick", ...at(`1T${time}`));
      expect(tick.sent.bulk).toBeGreaterThan(0);
      sent += tick.sent.bulk;
    }
    expect(sent).toBeLessThanOrEqual(30);
    expect((await adsapp("campaign", "cancel", "Ochtend", "--yes", ...at("1T11:00"))).exitCode).toBe(0);
    expect((await adsapp("audit")).exitCode).toBe(0);
  });

  it("pauses instead of blasting out half a day late, and says so", async () => {
    await saved("Te laat", "2027-03-02T10:00:00", ...at("2T08:00"));
    expect(await json("tick", ...at("2T22:30"))).toMatchObject({ campaignsStarted: 0, sent: { bulk: 0 } });
    expect(await json("campaign", "show", "Te laat")).toMatchObject({ status: "paused" });
    const checked = await adsapp("status", "--check", ...at("2T22:30"));
    expect(checked.exitCode).toBe(1);
    expect(checked.stdout).toContain('campaign "Te laat" was paused: later than maxLateness');
  });
});
