import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { createTestDatabase } from "../support/database.ts";
import { type Ran, runAdsappProcess } from "../support/program.ts";

const fixture = (name: string) => join(packageRoot(), "fixtures", name);
const LEADS = 30;

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let simulator: Simulator;
let home: string;
let now: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  home = mkdtempSync(join(tmpdir(), "adsapp-drip-story-"));
  simulator = await startSimulator({ now: () => new Date(now) });
});

afterAll(async () => {
  await simulator.close();
  await testDatabase.drop();
  rmSync(home, { recursive: true, force: true });
});

async function adsapp(...args: string[]): Promise<Ran> {
  const env = { WHATSAPP_TOKEN: "secret" };
  return runAdsappProcess([...args, "--now", now], { databaseUrl: testDatabase.url, home, env });
}

async function json<T>(...args: string[]): Promise<T> {
  const ran = await adsapp(...args, "--format", "json");
  expect(ran.exitCode, `${args.join(" ")}: ${ran.stderr}`).toBe(0);
  return JSON.parse(ran.stdout) as T;
}

const sentNow = async () => (await json<{ sent: { drip: number } }>("tick")).sent.drip;
const templates = () => simulator.accepted().map(({ templateName }) => templateName);

// The document's lead sequence over its week, each step going on from the one before. 28 March 2027 is the night in which
// Amsterdam's clocks go forward.
describe("the lead sequence, rehearsed over its week", () => {
  it("is drawn up, checked and let run", async () => {
    now = "2027-03-26T16:30:00+01:00";
    await adsapp("org", "create", "Bakkerij Jansen", "--slug", "jansen");
    const added = [
      "sender",
      "add",
      "main",
      "--phone-number-id",
      "106540352242922",
      "--token-env",
      "WHATSAPP_TOKEN",
    ];
    expect((await adsapp(...added, "--api-url", simulator.url)).exitCode).toBe(0);
    for (const name of ["welkom", "hulp-nodig", "aanbieding"])
      expect((await adsapp("template", "add", "-f", fixture(`template-${name}.yaml`))).exitCode).toBe(0);
    await json("drip", "create", "-f", fixture("lead.yaml"));
    expect((await adsapp("drip", "activate", "Nieuwe Lead Opvolging")).stderr).toBe("");
  });

  it("takes in whoever is imported with its tag, and welcomes them with the next tick", async () => {
    const people = Array.from({ length: LEADS }, (_, n) => `Lead ${n},+316100000${String(n + 10)}`);
    writeFileSync(join(home, "leads.csv"), `voornaam,telefoon\n${people.join("\n")}\n`);
    await json("contact", "import", join(home, "leads.csv"), "--tag", "leads");
    const tick = await json<{ enrolled: number; sent: { drip: number } }>("tick");
    expect(tick).toMatchObject({ enrolled: LEADS, sent: { drip: LEADS } });
    expect(new Set(templates())).toEqual(new Set(["welkom"]));
    expect(await sentNow()).toBe(0);
  });

  it("sends the second step two days later at the same local time, over the change of clocks", async () => {
    now = "2027-03-28T16:29:00+02:00";
    expect(await sentNow()).toBe(0);
    now = "2027-03-28T16:31:00+02:00";
    expect(await sentNow()).toBe(LEADS);
  });

  it("lets go whoever became a customer, replied or said stop", async () => {
    now = "2027-03-30T12:00:00+02:00";
    expect((await adsapp("contact", "tag", "customer", "+31610000010")).exitCode).toBe(0);
    expect((await adsapp("contact", "opt-out", "+31610000011", "--source", "phone call")).exitCode).toBe(0);
    const bodies = join(home, "reply.ndjson");
    writeFileSync(
      bodies,
      `${reply("31610000012", "Bedankt, ik bel morgen", now)}\n${reply("31610000013", "STOP", now)}\n`,
    );
    expect((await adsapp("webhook", "ingest", bodies)).exitCode).toBe(0);
    expect(await sentNow()).toBe(0);
    const shown = await json<{ statistics: Record<string, number> }>("drip", "show", "Nieuwe Lead Opvolging");
    expect(shown.statistics).toMatchObject({
      totalEnrolled: LEADS,
      active: LEADS - 4,
      dropped: 2,
      optedOut: 2,
    });
  });

  it("makes its offer at ten on the fifth day, and is over for everybody", async () => {
    now = "2027-04-02T09:59:00+02:00";
    expect(await sentNow()).toBe(0);
    now = "2027-04-02T10:01:00+02:00";
    expect(await sentNow()).toBe(LEADS - 4);
    const shown = await json<{ statistics: Record<string, number> }>("drip", "show", "Nieuwe Lead Opvolging");
    expect(shown.statistics).toMatchObject({ active: 0, completed: LEADS - 4, messagesSent: 3 * LEADS - 4 });
    expect(templates().filter((name) => name === "aanbieding")).toHaveLength(LEADS - 4);
    const once = simulator.accepted().map(({ to, templateName }) => `${to} ${templateName}`);
    expect(new Set(once).size).toBe(once.length);
  });

  it("leaves books that balance", async () => {
    const audit = await adsapp("audit", "--format", "json");
    expect(JSON.parse(audit.stdout).checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    expect((await json<unknown[]>("report", "drip")).length).toBe(1);
  });
});

/** A webhook body with one text message. */
function reply(from: string, text: string, at: string): string {
  const timestamp = String(Date.parse(at) / 1000);
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "31201234567", phone_number_id: "106540352242922" },
              contacts: [{ profile: { name: "Iemand" }, wa_id: from }],
              messages: [
                { from, id: `wamid.${from}.${timestamp}`, timestamp, type: "text", text: { body: text } },
              ],
            },
          },
        ],
      },
    ],
  });
}
